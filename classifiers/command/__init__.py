"""What `python -m classifiers` does, command by command."""
