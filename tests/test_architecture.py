"""The floors of the design, held by tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import classifiers

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "classifiers"
FLOORS = {
    "errors": 0, "parallel": 0, "products": 0, "turns": 0.5,
    "address": 0.5,
    "config": 0.5,  # a config reports through the errors, and nothing else
    "data": 1, "preprocessing": 1, "network": 1, "metrics": 1,
    "training": 2, "artifacts": 2, "decision": 2, "film": 2, "explain": 2, "hub": 2,
    "recipes": 3,
    "ui": 4,
}  # fmt: skip


def unit(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_units(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("classifiers.")}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path):
    if path == PACKAGE / "__init__.py":
        return
    own = unit(path)
    for other in imported_units(path):
        assert other == own or FLOORS[other] < FLOORS[own], f"{own} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_interface_knows_gradio_and_only_hub_knows_the_hub(path):
    text = path.read_text()
    if unit(path) != "ui":
        assert "import gradio" not in text
    if unit(path) != "hub":
        assert "huggingface_hub" not in text or "import huggingface_hub" not in text


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted((ROOT / "scripts").glob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_file_is_long(path):
    assert len(path.read_text().splitlines()) <= 400


def test_importing_the_package_loads_no_heavy_library():
    heavy = ["gradio", "matplotlib", "pandas", "huggingface_hub", "sklearn"]
    code = f"import sys, classifiers; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr


def test_public_names_exist():
    assert all(hasattr(classifiers, name) for name in classifiers.__all__)


def test_space_front_matter_agrees_with_the_pins():
    import yaml

    readme = (ROOT / "README.md").read_text()
    front = yaml.safe_load(readme.split("---")[1])
    pins = (ROOT / "requirements.txt").read_text()
    assert front["sdk"] == "gradio"
    assert f"gradio[mcp]=={front['sdk_version']}" in pins
    assert front["app_file"] == "app.py"
    assert isinstance(front["python_version"], str)
    assert len(front["short_description"]) <= 60
    for key in ("title", "emoji", "license", "tags", "colorFrom", "colorTo"):
        assert front[key]
