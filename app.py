"""Entry point of the Space: python app.py"""

import os
import sys

# Visitors share few cores. numpy's second thread doubles the work of a report and keeps others
# waiting; it is asked for when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import spaces  # noqa: F401  ZeroGPU needs it before anything touches CUDA

from classifiers.errors import ConfigError
from classifiers.ui import build_app, launch_options

try:
    demo = build_app()
except ConfigError as error:  # an environment variable, which only a person can set right
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    demo.launch(**launch_options())
