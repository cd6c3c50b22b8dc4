"""Entry point of the Space: python app.py"""

import spaces  # noqa: F401  ZeroGPU needs it before anything touches CUDA

from classifiers.ui import build_app, launch_options

demo = build_app()

if __name__ == "__main__":
    demo.launch(**launch_options())
