"""The interface: three tabs and the endpoints. The only part of the package that knows gradio.

Importing it builds nothing: `classifiers.ui.app.build_app` does.
"""

import classifiers.ui.no_stubs  # noqa: F401  before anything imports gradio
