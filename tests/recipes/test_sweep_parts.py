"""What names a finished value of a sweep: all that its numbers depend on."""

import shutil

import pytest

from classifiers.config import SweepConfig
from classifiers.recipes.sweep import parts as module
from classifiers.recipes.sweep.parts import Parts, cached_parts, sweep_digest

CONFIG = SweepConfig.parse({"values": [2, 4], "members": 2, "epochs": 5})


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, of which the digest is taken instead."""
    copy = tmp_path / "classifiers"
    only_code = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(module._PACKAGE, copy, ignore=only_code)
    monkeypatch.setattr(module, "_PACKAGE", copy)
    yield copy
    module._source_digest.cache_clear()


def digest_now() -> str:
    module._source_digest.cache_clear()
    return sweep_digest(CONFIG)


def test_rows_of_another_device_are_not_used(tmp_path):
    assert sweep_digest(CONFIG, "cpu") != sweep_digest(CONFIG, "cuda")
    cached_parts(tmp_path, CONFIG, "cpu").write(0, {"value": 2})
    assert cached_parts(tmp_path, CONFIG, "cpu").read(0) == {"value": 2}
    assert cached_parts(tmp_path, CONFIG, "cuda").read(0) is None
    folder = cached_parts(tmp_path, CONFIG, "cpu").folder  # as a file's parts lie, in one folder
    assert Parts(folder, CONFIG, "cpu").read(0) == {"value": 2}
    assert Parts(folder, CONFIG, "cuda").read(0) is None


def test_rows_of_another_torch_are_not_used(tmp_path, monkeypatch):
    cached_parts(tmp_path, CONFIG).write(0, {"value": 2})
    monkeypatch.setattr(module.torch, "__version__", "0.0.1")
    assert cached_parts(tmp_path, CONFIG).read(0) is None


def test_rows_of_other_code_are_not_used(tmp_path, package):
    module._source_digest.cache_clear()
    cached_parts(tmp_path / "cache", CONFIG).write(0, {"value": 2})
    with (package / "network.py").open("a") as file:
        file.write("# changed\n")
    module._source_digest.cache_clear()
    assert cached_parts(tmp_path / "cache", CONFIG).read(0) is None


def test_every_file_outside_the_page_is_looked_at_and_none_of_the_page(package):
    before = digest_now()
    files = sorted(package.rglob("*.py"))
    assert len(files) > 60
    for path in files:
        text = path.read_bytes()
        path.write_bytes(text + b"# changed\n")
        is_page = path.is_relative_to(package / "ui")
        assert (digest_now() == before) == is_page, path.relative_to(package)
        path.write_bytes(text)
    assert digest_now() == before


def test_a_file_that_is_new_is_looked_at(package):
    before = digest_now()
    (package / "training" / "new.py").write_text("VALUE = 1\n")
    assert digest_now() != before
