"""Every example in the README runs, as it is printed, against a served app."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.clients.test_mcp import talk
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.tools.hub_client import settings

README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.S)
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
    pulls = [example for example in EXAMPLES if "from_pretrained" in example]
    assert len(pulls) == 1
    assert len(pulls[0].splitlines()) <= 10


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs_and_prints(number, hub, app_url, tmp_path):
    (tmp_path / "weights").symlink_to(ROOT / "weights")
    run = warm().run(
        "-c", EXAMPLES[number].replace("http://127.0.0.1:7860", app_url), cwd=tmp_path,
        env={**settings(hub, tmp_path / "home"), "PYTHONPATH": str(ROOT)}, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()


def printed(language: str, word: str, url: str) -> str:
    """The one example in a language that has a word in it, for a server elsewhere."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    (example,) = [block for block in blocks if word in block]
    return example.replace("http://127.0.0.1:7860", url)


def run(command: list[str], folder) -> str:
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_the_example_for_curl_runs(app_url, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    told = run(["bash", "-euc", printed("bash", "curl", app_url)], tmp_path)
    answer = told.rpartition("event: complete\ndata: ")[2]
    assert 0 < json.loads(answer)[0]["probability"] < 1


def test_the_example_in_javascript_runs(app_url, tmp_path):
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the example in JavaScript was not run")
    (tmp_path / "example.mjs").write_text(printed("javascript", "fetch", app_url))
    told = run(["node", "example.mjs"], tmp_path)
    assert re.fullmatch(r"\[ 0\.\d+, 0\.\d+ \]\s*", told)


def test_the_settings_of_an_mcp_client_lead_to_the_tools(app_url):
    told = json.loads(printed("json", "mcpServers", app_url))
    (server,) = told["mcpServers"].values()
    assert server["url"].endswith("/gradio_api/mcp/")
    listed = talk(server["url"].removesuffix("/gradio_api/mcp/"), lambda s: s.list_tools())
    assert "predict_heart" in {tool.name for tool in listed.tools}


def test_the_command_line_examples_run(tmp_path):
    (tmp_path / "patients.csv").write_text("age,sex\n61,male\n")
    line = next(line for line in README.splitlines() if "classifiers predict" in line)
    words = line.partition("#")[0].split()[1:]
    told = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "predictions.csv").read_text().startswith("age,sex,probability")
