#!/usr/bin/env bash
# Serves the app. GRADIO_SERVER_PORT picks the port (7860), WEIGHTS_DIR the weights (weights/).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
install requirements.txt
exec .venv/bin/python app.py
