"""The interface: three tabs and the endpoints. The only part of the package that knows gradio."""

import classifiers.ui.no_stubs  # noqa: F401  before anything imports gradio
from classifiers.ui.app import build_app, launch_options

__all__ = ["build_app", "launch_options"]
