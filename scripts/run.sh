#!/usr/bin/env bash
# Serves the app on 127.0.0.1. GRADIO_SERVER_NAME picks another address, GRADIO_SERVER_PORT the
# port (7860), WEIGHTS_DIR the weights (weights/).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
install requirements.txt
exec .venv/bin/python app.py
