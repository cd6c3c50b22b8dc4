"""The snippets of the API page run as they stand, beside a file of the name that they send."""

import json
import shlex
import shutil
import subprocess
import urllib.request

import pytest
from hf_gradio.cli import app as command_line
from typer.testing import CliRunner

LONG = ("compare_capstone", "sweep", "train_playground")  # with their defaults
# What it is to a script, without the package: it prints what would be sent.
JS_CLIENT = """
export const handle_file = (file) => ({ uploaded: file });
const predict = async (name, values) => {
  console.log(JSON.stringify([name, values]));
  return { data: [] };
};
export const Client = { connect: async () => ({ predict }) };
"""


@pytest.fixture(scope="module")
def info(app_url) -> dict[str, dict]:
    with urllib.request.urlopen(f"{app_url}/gradio_api/info") as answer:
        named = json.load(answer)["named_endpoints"]
    return {name.strip("/"): about for name, about in named.items()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patients.csv").write_text("age,sex\n61,male\n")
    return tmp_path


def snippets(info: dict[str, dict], language: str) -> dict[str, str]:
    """Those that answer soon, by endpoint."""
    return {
        name: about["code_snippets"][language]
        for name, about in sorted(info.items())
        if name not in LONG
    }


def test_the_python_runs(info, folder, capsys):
    for name, code in snippets(info, "python").items():
        exec(code, {})
        assert len(capsys.readouterr().out.strip()) > 20, name
    for name in LONG:
        compile(info[name]["code_snippets"]["python"], name, "exec")


def test_the_bash_runs(info, folder):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the snippets for bash were not run")
    for name, code in snippets(info, "bash").items():
        told = subprocess.run(["bash", "-c", code], capture_output=True, text=True)
        assert "event: complete\ndata: [" in told.stdout, (name, code, told)
    for name in LONG:
        told = subprocess.run(["bash", "-n", "-c", info[name]["code_snippets"]["bash"]])
        assert told.returncode == 0, name


def test_the_command_line_runs(info, folder):
    for name, code in snippets(info, "cli").items():
        words = shlex.split(code.replace("{command}", "gradio"))
        told = CliRunner().invoke(command_line, words[1:])
        assert told.exit_code == 0, (name, code, told.output, told.exception)
        assert json.loads(told.stdout)["answer"], name


def test_the_javascript_runs_and_sends_what_it_should(info, folder):
    """@gradio/client itself is not at hand: one of its shape stands in for it."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the snippets in JavaScript were not run")
    package = folder / "node_modules" / "@gradio" / "client"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (package / "index.js").write_text(JS_CLIENT)
    for name, about in info.items():
        (folder / f"{name}.mjs").write_text(about["code_snippets"]["javascript"])
    every = "\n".join(f'await import("./{name}.mjs");' for name in info)
    (folder / "every.mjs").write_text(every)
    told = subprocess.run(["node", "every.mjs"], cwd=folder, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    sent = dict(json.loads(line) for line in told.stdout.splitlines() if line.startswith('["'))
    for name, about in info.items():
        expected = {
            p["parameter_name"]: {"uploaded": "patients.csv"}
            if p["parameter_name"] == "file"
            else p["parameter_default"]
            if p["parameter_has_default"]
            else p["example_input"]
            for p in about["parameters"]
        }
        assert list(sent[f"/{name}"]) == list(expected)
        for key, value in sent[f"/{name}"].items():
            assert value in (expected[key], str(expected[key])), (name, key)  # "1" is exercise 1
