"""The modules of the page as files: their imports, their size, and what the page holds of them."""

import re
from pathlib import Path

import pytest

from classifiers.ui.static import (
    CLASSIC_SCRIPTS,
    address,
    asset,
    head,
    links,
    module,
    served_files,
    version,
)

FOLDER = Path(__file__).resolve().parents[3] / "classifiers" / "ui" / "static"
PATHS = sorted(FOLDER.rglob("*.js"))
# What snippets in Python take.
FOR_THE_PAGE = {"start", "download", "ask", "decision", "question", "runs", "options"}
IMPORT = re.compile(r"^import \{([^}]+)\} from '([^']+)';$", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def imports(path: Path) -> dict[Path, set[str]]:
    """The names that a module takes from each other one."""
    found = IMPORT.findall(path.read_text())
    return {
        (path.parent / target).resolve(): {name.strip() for name in names.split(",")}
        for names, target in found
    }


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_module_imports_what_others_export(path):
    text = path.read_text()
    assert len(re.findall(r"^import\b", text, re.MULTILINE)) == len(IMPORT.findall(text))
    for target, names in imports(path).items():
        assert names <= set(EXPORT.findall(served_files()[name_of(target)].decode()))
        for name in names:
            assert re.search(rf"\b{name}\b", IMPORT.sub("", text)), f"{name} is not used"


def test_what_is_exported_is_imported_by_a_module_or_by_the_page():
    taken: dict[Path, set[str]] = {}
    for path in PATHS:
        for target, names in imports(path).items():
            taken.setdefault(target, set()).update(names)
    for path in PATHS:
        unused = set(EXPORT.findall(path.read_text())) - taken.get(path, set()) - FOR_THE_PAGE
        assert not unused, name_of(path)


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_no_module_is_long_and_none_leaves_anything_in_the_page(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert max(map(len, text.splitlines())) <= 100
    if name_of(path) not in CLASSIC_SCRIPTS:
        assert not re.search(r"\bwindow\.\w+ (\|\|)?= ", text)


def test_no_folder_holds_many_files():
    folders = [FOLDER, *(path for path in FOLDER.iterdir() if path.is_dir())]
    for folder in folders:
        code = [path for path in folder.iterdir() if path.suffix in (".py", ".js", ".css")]
        assert len(code) <= 12


def test_the_page_finds_every_file_by_a_relative_path_with_the_hash_of_all():
    assert set(served_files()) >= {name_of(path) for path in PATHS}
    for name in served_files():
        assert address(name) == f"app-files/{version()}/{name}"
    assert f'<link rel="stylesheet" href="{address("bundles/page.css")}">' in head()
    assert asset("page/line.js") in head()
    assert f'<link rel="modulepreload" href="{address("bundles/page.js")}">' in links()
    assert address("bundles/heart.js") in links()  # for a link that opens that tab


def test_a_component_gets_its_settings_and_no_code():
    snippet = module("film/compare.js", watched=("value", "costs"), levels=32)
    assert address("bundles/more.js") in snippet
    assert 'modules["film/compare.js"]' in snippet
    assert '{"levels": 32}' in snippet
    assert '["value", "costs"]' in snippet
    assert len(snippet) < 700
    with pytest.raises(KeyError):
        module("film/nothing.js")
