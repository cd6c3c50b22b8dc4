#!/usr/bin/env bash
# The whole suite: ruff, mypy, oxlint, pytest. Arguments go to pytest; --screenshots saves what pages
# look like in screenshots/.
#
# --torch VERSION runs the tests of training, network and products alone, under another torch than
# the pinned one, in a virtual environment of its own: .venv-torch-VERSION. ZeroGPU runs an older
# torch, and training makes private calls of torch's, which may differ from version to version.
# What follows goes to pytest:
#   bash scripts/test.sh --torch 2.11.0 -k adam
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh

if [ "${1:-}" = --torch ]; then
    version=${2:?--torch needs a version, as in --torch 2.11.0}
    shift 2
    install requirements-dev.txt ".venv-torch-$version" "$version"
    exec ".venv-torch-$version/bin/python" -m pytest tests/training/test_network.py \
        tests/training/test_private_calls.py tests/training/test_products.py \
        tests/training/test_stopping.py tests/training/test_training.py "$@"
fi

install requirements-dev.txt

# Chromium without a window's own pages, which cost a test of the page two fifths of its time.
if ! command -v chromium-headless-shell >/dev/null && command -v apt-get >/dev/null \
    && [ "$(id -u)" = 0 ]; then
    echo "installing chromium for the browser tests" >&2
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq chromium-headless-shell) >/dev/null 2>&1 \
        || echo "no chromium-headless-shell: browser tests take chromium or skip" >&2
fi

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/oxlint --deny-warnings classifiers/ui/static
# Mypy reads much of torch and Gradio for twenty seconds where it has not before: beside the tests,
# when these leave a core alone. What it found is told at the end.
types=$(mktemp)
nice -n 19 .venv/bin/mypy >"$types" 2>&1 &
trap 'kill %1 2>/dev/null || true; rm -f "$types"' EXIT
# Two processes: half of the suite waits for a browser or a server.
failed=0
.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder "$@" || failed=$?
wait %1 || failed=$?
cat "$types"
exit "$failed"
