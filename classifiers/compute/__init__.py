"""Arithmetic and threads below the networks."""
