"""Underfit, overfit and good, side by side."""
