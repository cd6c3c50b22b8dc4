"""The floors of the design, held by tests."""

import ast
import functools
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import classifiers

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "classifiers"
STATIC = PACKAGE / "ui" / "static"
# Rooms are folders or single files. A room imports rooms below it, and itself.
FLOORS = {
    "errors": 0, "compute": 0, "wording": 0,
    "config": 1, "turns": 1,  # they report through the errors
    "data": 2, "preprocessing": 2, "network": 2, "evaluation": 2,
    "training": 3, "artifacts": 3, "film": 3, "missing": 3, "hub": 3, "plots": 3,
    "recipes.exercises": 4, "shapley": 4,
    "recipes.playground": 5, "recipes.heart": 5,
    "recipes.sweep": 6,
    "recipes.capstone": 7,
    "recipes.guide": 7.5,
    "ui.no_stubs": 8, "ui.static": 8, "ui.guard": 8, "ui.theme": 8,
    "ui.models": 8, "ui.gpu": 8, "ui.gradio_internals": 9,
    "ui.heavy": 10, "ui.server": 10,
    "ui.parts": 11,
    "ui.film": 12,
    "ui.playground": 13, "ui.heart": 13, "ui.capstone": 13, "ui.guide": 13,
    "ui.endpoints": 14, "ui.rehearsal": 14,
    "ui.app": 15,
    "command": 16,
    "__main__": 17,
}  # fmt: skip
FOLDERS_OF_ROOMS = {"recipes", "ui"}
MODULES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """classifiers.recipes.heart.report: recipes.heart; classifiers.data.splits: data."""
    parts = module.split(".")[1:]
    return ".".join(parts[: 2 if parts and parts[0] in FOLDERS_OF_ROOMS else 1])


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@functools.cache
def imported(path: Path) -> set[str]:
    """The modules that a file imports, in any form of import, at any depth of its code."""
    names = set()
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = importlib.util.resolve_name("." * node.level + module, package)
            for alias in node.names:  # a module, or a name in one
                whole = ROOT / f"{module}.{alias.name}".replace(".", "/")
                is_module = whole.with_suffix(".py").exists() or (whole / "__init__.py").exists()
                names.add(f"{module}.{alias.name}" if is_module else module)
    return names


def imports_outside(path: Path) -> set[str]:
    """The rooms of the package that a file imports, but its own."""
    rooms = {room(name) for name in imported(path) if name.startswith("classifiers.")}
    return rooms - {room(name_of(path)), ""}


def test_imports_go_down_only():
    own = {path: room(name_of(path)) for path in MODULES}
    upward = [
        f"{name_of(path)} imports {other}"
        for path, name in own.items() if name  # else the public names
        for other in imports_outside(path) if FLOORS[other] >= FLOORS.get(name, 99)
    ]  # fmt: skip
    assert upward == []


def test_the_list_of_rooms_is_that_of_the_folder():
    rooms = {room(name_of(path)) for path in MODULES} - {""}
    assert rooms - FOLDERS_OF_ROOMS == set(FLOORS)


def test_the_imports_of_a_file_are_seen_in_every_form(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", PACKAGE.parent)
    path = PACKAGE / "recipes" / "heart" / "made_up.py"
    text = (
        "import classifiers.ui.app\nfrom classifiers import hub\nfrom classifiers.ui import heavy\n"
        "from ...recipes import sweep\nfrom ..playground.run import run_playground\n"
        "def late():\n    from classifiers.film import Film\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda self: text if self == path else "")
    assert imports_outside(path) == {
        "ui.app", "hub", "ui.heavy", "recipes.sweep", "recipes.playground", "film",
    }  # fmt: skip


def test_only_the_interface_knows_gradio_and_only_hub_knows_the_hub():
    for path in MODULES:
        own, libraries = room(name_of(path)), {name.split(".")[0] for name in imported(path)}
        assert own.startswith("ui") or not libraries & {"gradio", "gradio_client"}, path
        assert own == "hub" or "huggingface_hub" not in libraries, path


def test_no_file_and_no_function_is_long():
    paths = [*MODULES, *SCRIPTS, *TESTS]
    lines = {name_of(path): len(path.read_text().splitlines()) for path in paths}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    long = [
        f"{name_of(path)}.{node.name}"
        for path in paths for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= 60
    ]  # fmt: skip
    assert long == []


def test_imports_load_no_heavy_library_build_nothing_and_set_nothing():
    code = """
import os, sys, classifiers
print([m for m in ("gradio", "matplotlib", "pandas", "huggingface_hub", "sklearn", "scipy")
       if m in sys.modules])
before = dict(os.environ); import classifiers.ui.server.address
print("gradio" in sys.modules, "classifiers.ui.app" in sys.modules, dict(os.environ) == before)
import numpy as np
from classifiers import plots
from classifiers.config import DatasetConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import posterior, sample
split_indices(100, 0.2, 0)
for name in ("blobs", "circles", "moons", "xor", "spirals"):
    posterior(DatasetConfig(name=name), sample(DatasetConfig(name=name)).x)
print(sys.modules.keys() & {"sklearn", "scipy", "matplotlib"})
plots.roc(np.ones(2), np.ones(2))
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split("\n") == [
        "[]", "False False True", "set()", "True False", ""
    ], run.stderr  # fmt: skip


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


def rows_of_contract(kind: str) -> dict[str, str]:
    """The contract's tables of modules: what each is for, by its path."""
    text = (PACKAGE / "README.md").read_text()
    return dict(re.findall(rf"^\| `([\w/]+\.{kind})` \| (.+) \|$", text, re.M))


def test_the_contract_lists_every_module_and_script_with_its_own_first_sentence():
    told = {str(path.relative_to(base)): ast.get_docstring(tree_of(path))
            for base, paths in ((PACKAGE, MODULES), (ROOT, SCRIPTS)) for path in paths}  # fmt: skip
    assert rows_of_contract("py") == {
        name: text.split("\n\n")[0].replace("\n", " ") for name, text in told.items() if text
    }


def test_the_contract_lists_every_module_of_the_page_with_its_own_first_sentence():
    told = {}
    for path in sorted(STATIC.rglob("*.js")):
        comment = re.match(r"(?:// .*\n)+", path.read_text())
        assert comment, f"{path}: say in a comment at the top what it is for"
        text = " ".join(line[3:] for line in comment[0].splitlines())
        told[str(path.relative_to(STATIC))] = re.split(r"(?<=\.) (?=[A-Z])", text)[0]
    assert rows_of_contract("js") == told


def test_the_contract_names_what_exists():
    text = (PACKAGE / "README.md").read_text()
    for name in re.findall(r"`((?:tests|scripts|weights|ui|recipes|data)/[\w/.]*)`", text):
        assert (ROOT / name).exists() or (PACKAGE / name).exists(), name
    assert all(f"`{code}`" in text for code in ("missing_imputed", "unseen_category"))


def test_no_import_goes_round_in_a_circle():
    files = {name_of(path): path for path in (*MODULES, *SCRIPTS, *TESTS)}
    waiting = {name: imported(path) & set(files) - {name} for name, path in files.items()}
    done: set[str] = set()
    while free := {name for name, wanted in waiting.items() if wanted <= done}:
        done |= free
        for name in free:
            del waiting[name]
    assert waiting == {}


def test_no_folder_of_code_is_full():
    tops = [PACKAGE, ROOT / "scripts", ROOT / "tests"]
    for folder in [*tops, *(path for top in tops for path in top.rglob("*") if path.is_dir())]:
        files = [path for path in folder.iterdir() if path.suffix in (".py", ".js", ".css")]
        assert len(files) <= 12, folder


def test_a_process_of_python_is_the_python_that_starts_it():
    """One that is found by its name may be another, without the packages."""
    for path in (*MODULES, *SCRIPTS):
        assert not re.search(r"\[\s*[\"']python3?[\"']", path.read_text()), path
