#!/usr/bin/env bash
# The whole suite: ruff, mypy, oxlint, pytest. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
install requirements-dev.txt

if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing chromium for the browser tests" >&2
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) \
        >/dev/null 2>&1 || echo "no chromium: browser tests will skip" >&2
fi

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/oxlint --deny-warnings classifiers/ui/static
# Two processes: half of the suite waits for a browser or a server.
exec .venv/bin/python -m pytest -n 2 --dist loadfile "$@"
