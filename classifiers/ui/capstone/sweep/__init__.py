"""Sweeps in the page: what ships is shown at once; a visitor's own grows as it is computed."""

from classifiers.ui.capstone.sweep.page import build_sweeps, resumable_sweep

__all__ = ["build_sweeps", "resumable_sweep"]
