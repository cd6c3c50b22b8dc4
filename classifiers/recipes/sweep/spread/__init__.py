"""Tasks of a sweep spread over processes and machines: handed out, tried again, taken back."""
