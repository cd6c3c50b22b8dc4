"""The heart tab."""
