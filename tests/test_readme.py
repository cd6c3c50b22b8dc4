"""Every Python example in the README runs, as it is printed, against a served app."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.tools.hub_client import settings

EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
PROMISED = ("/predict_heart", "/predict_heart_batch", "/train_playground", "/run_exercise")


@pytest.fixture(scope="module")
def hub(hub):
    heart = ROOT / "weights" / "heart"
    names = ("metadata.json", "model.safetensors")
    hub.add("user/heart", {name: (heart / name).read_bytes() for name in names})
    return hub


def test_the_promised_examples_are_there():
    for name in PROMISED:
        assert any(f'api_name="{name}"' in example for example in EXAMPLES)
    pulls = [example for example in EXAMPLES if "hf_hub_download" in example]
    assert len(pulls) == 1
    assert len(pulls[0].splitlines()) <= 10


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs_and_prints(number, hub, app_url, tmp_path):
    (tmp_path / "weights").symlink_to(ROOT / "weights")
    run = subprocess.run(
        [sys.executable, "-c", EXAMPLES[number].replace("http://127.0.0.1:7860", app_url)],
        cwd=tmp_path,
        env={**settings(hub, tmp_path / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
