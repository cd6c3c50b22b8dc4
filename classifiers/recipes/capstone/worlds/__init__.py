"""Worlds: the three networks on new points, a new split and new starting weights, many times."""
