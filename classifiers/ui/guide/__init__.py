"""The lesson above the tabs: one line that opens to a card with one step."""

from classifiers.ui.guide.panel import build_guide, on_own, sources

__all__ = ["build_guide", "on_own", "sources"]
