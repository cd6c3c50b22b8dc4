"""Runs on 2-D data."""
