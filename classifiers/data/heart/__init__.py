"""The heart data, from a file to a table of patients that may be trained on."""
