"""One setting at many values."""
