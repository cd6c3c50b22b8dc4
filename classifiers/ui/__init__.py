"""The interface: three tabs and the endpoints. The only part of the package that knows gradio."""

from classifiers.ui.app import build_app, launch_options

__all__ = ["build_app", "launch_options"]
