"""What a sweep shows, on the capstone tab too, in sentences whose every number was computed from
its rows."""

from classifiers.recipes.sweep.findings.find import find

__all__ = ["find"]
