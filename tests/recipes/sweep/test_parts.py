"""Finished tasks on disk: what names them, and what becomes of a file that was torn or altered."""

import json
import os
import shutil
from pathlib import Path

import pytest

from classifiers.config import SweepConfig
from classifiers.errors import ArtifactError
from classifiers.recipes.sweep import parts as module
from classifiers.recipes.sweep.parts import Parts, cached_parts, sweep_digest
from classifiers.recipes.sweep.tasks import Task, tasks_of
from tests.processes.clock import Clock

CONFIG = SweepConfig.parse({"values": [2, 4], "members": 2, "epochs": 5})
FIRST, SECOND = (tasks_of(CONFIG, training)[0] for training in (0, 1))
COLUMNS = [{"parameters": 18, "test_loss": [0.1 + 0.2, None]}]


def read_again(path: Path, task: Task = FIRST) -> list | None:
    with Parts(path, CONFIG) as parts:
        return parts.read(task)


@pytest.fixture
def path(tmp_path) -> Path:
    """A file with two finished tasks."""
    with Parts(tmp_path / "sweep.jsonl", CONFIG) as parts:
        parts.write(FIRST, COLUMNS)
        parts.write(SECOND, [{"parameters": 42}], seconds=1.5)
    return tmp_path / "sweep.jsonl"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, of which the digest is taken instead."""
    copy = tmp_path / "classifiers"
    only_code = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(module._PACKAGE, copy, ignore=only_code)
    monkeypatch.setattr(module, "_PACKAGE", copy)
    module.source_digest.cache_clear()
    yield copy
    module.source_digest.cache_clear()


def digest_now() -> str:
    module.source_digest.cache_clear()
    return sweep_digest(CONFIG)


def test_what_was_written_is_read_to_the_bit(path):
    assert read_again(path) == COLUMNS
    assert read_again(path, SECOND) == [{"parameters": 42}]


def test_a_power_cut_costs_two_seconds_at_the_most(tmp_path, monkeypatch):
    clock, synced = Clock(50.0), []
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module.os, "fsync", lambda file: synced.append(clock.now))
    with Parts(tmp_path / "sweep.jsonl", CONFIG) as parts:
        for now in (52.0, 52.1, 53.0, 54.0, 54.2):
            clock.now = now
            parts.write(FIRST, COLUMNS)
    assert synced == [52.1, 54.2]


def test_it_is_json_for_whoever_reads_along(path):
    head, first, second = map(json.loads, path.read_text().splitlines())
    assert head["config"] == CONFIG.to_dict()
    assert set(head["versions"]) == {"python", "torch", "numpy"}
    assert first["columns"] == COLUMNS
    assert second["seconds"] == 1.5


def test_a_task_is_there_before_the_file_is_closed(tmp_path):
    with Parts(tmp_path / "sweep.jsonl", CONFIG) as parts:
        parts.write(FIRST, COLUMNS)
        assert read_again(parts.path) == COLUMNS


@pytest.mark.parametrize("torn", [2, 20, 60])
def test_a_torn_last_line_is_as_absent_and_spoils_nothing_after_it(path, torn):
    path.write_bytes(path.read_bytes()[:-torn])
    assert read_again(path, SECOND) is None
    with Parts(path, CONFIG) as parts:
        assert parts.read(FIRST) == COLUMNS
        parts.write(SECOND, COLUMNS)
    assert read_again(path, SECOND) == COLUMNS


def test_an_altered_line_is_as_absent(path):
    path.write_text(path.read_text().replace('"parameters":18', '"parameters":19'))
    assert read_again(path) is None
    assert read_again(path, SECOND) is not None


def test_a_line_altered_while_it_is_open_is_not_believed(path):
    with Parts(path, CONFIG) as parts:
        text = path.read_text().replace('"parameters":18', '"parameters":19')
        with path.open("r+") as file:
            file.write(text)
        assert parts.read(FIRST) is None


def test_a_failure_is_told_and_not_taken_for_a_result(path):
    with Parts(path, CONFIG) as parts:
        parts.write_failure(FIRST, "too hot")
        assert parts.read(FIRST) == COLUMNS
    assert json.loads(path.read_text().splitlines()[-1])["error"] == "too hot"
    assert read_again(path) == COLUMNS


@pytest.mark.parametrize("content", [b"garbage", b"\x00\xff" * 99, b"{}\n", b"[1]\nx\n"])
def test_what_is_no_such_file_is_moved_aside_whole(tmp_path, content):
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(content)
    with Parts(path, CONFIG) as parts:
        assert parts.moved == tmp_path / "sweep.jsonl.1"
        assert parts.moved.read_bytes() == content
        parts.write(FIRST, COLUMNS)
    assert read_again(path) == COLUMNS


def test_results_of_another_sweep_are_moved_aside_each_time(path):
    before = path.read_bytes()
    other = SweepConfig.parse({"values": [2, 4], "members": 3, "epochs": 5})
    with Parts(path, other) as parts:
        assert parts.read(tasks_of(other, 0)[0]) is None
    with Parts(path, CONFIG) as parts:
        assert parts.moved == path.with_name("sweep.jsonl.2")
    assert path.with_name("sweep.jsonl.1").read_bytes() == before


@pytest.mark.parametrize("kind", ["folder", "pipe", "inside a file"])
def test_only_a_regular_file_will_do(tmp_path, kind):
    path = tmp_path / "sweep.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        path = path / "sweep.jsonl"
    with pytest.raises(ArtifactError, match=r"^\S+sweep\.jsonl: "):
        Parts(path, CONFIG)


def test_a_file_that_cannot_be_opened_is_told_with_what_to_do(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "sweep.jsonl"
    monkeypatch.setattr(module.os, "open", refuse)
    with pytest.raises(ArtifactError) as told:
        Parts(path, CONFIG)
    assert str(told.value) == (
        f"{path}: cannot be written (Permission denied); choose another --output"
    )


def test_tasks_of_another_device_are_not_used(tmp_path):
    assert sweep_digest(CONFIG, "cpu") != sweep_digest(CONFIG, "cuda")
    with cached_parts(tmp_path, CONFIG, "cpu") as parts:
        parts.write(FIRST, COLUMNS)
    assert cached_parts(tmp_path, CONFIG, "cpu").read(FIRST) == COLUMNS
    on_card = cached_parts(tmp_path, CONFIG, "cuda")
    assert on_card.read(FIRST) is None
    assert json.loads(on_card.path.read_text())["device"] == "cuda"


def test_tasks_of_another_torch_are_not_used(tmp_path, monkeypatch):
    cached_parts(tmp_path, CONFIG).write(FIRST, COLUMNS)
    monkeypatch.setattr(module.torch, "__version__", "0.0.1")
    assert cached_parts(tmp_path, CONFIG).read(FIRST) is None


def test_tasks_of_other_code_are_not_used(tmp_path, package):
    cached_parts(tmp_path / "cache", CONFIG).write(FIRST, COLUMNS)
    with (package / "network.py").open("a") as file:
        file.write("# changed\n")
    module.source_digest.cache_clear()
    assert cached_parts(tmp_path / "cache", CONFIG).read(FIRST) is None


def test_only_the_sweeps_that_were_used_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_CACHED", 2)

    def opened(members: int) -> Path:
        config = SweepConfig.parse({"values": [2, 4], "members": members, "epochs": 5})
        with cached_parts(tmp_path, config) as parts:
            return parts.path

    first, second = opened(2), opened(3)
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    assert opened(2) == first  # used again
    third = opened(4)
    assert {*tmp_path.iterdir()} == {first, third}


def test_every_file_outside_the_page_is_looked_at_and_none_of_the_page(package, monkeypatch):
    files = sorted(package.rglob("*.py"))
    page = [path for path in files if path.is_relative_to(package / "ui")]
    read, looked = Path.read_bytes, []
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: looked.append(path) or read(path))
        before = digest_now()
    assert len(looked) > 60
    assert sorted(looked) == [path for path in files if path not in page]
    for path in (page[0], page[-1], min(looked), looked[30], max(looked)):
        text = path.read_bytes()
        path.write_bytes(text + b"# changed\n")
        assert (digest_now() == before) == (path in page), path.relative_to(package)
        path.write_bytes(text)
    assert digest_now() == before


def test_a_file_that_is_new_is_looked_at(package):
    before = digest_now()
    (package / "training" / "new.py").write_text("VALUE = 1\n")
    assert digest_now() != before


def test_a_file_is_closed_at_the_end_and_may_be_closed_again(tmp_path):
    with Parts(tmp_path / "kept.jsonl", SweepConfig()) as parts:
        os.fstat(parts._file)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(parts._file)
    parts.close()


def test_what_a_disk_took_in_part_is_written_to_its_end(tmp_path, monkeypatch):
    write = os.write
    with Parts(tmp_path / "sweep.jsonl", CONFIG) as parts:
        with monkeypatch.context() as patch:
            sizes = iter((50, 10**6))
            patch.setattr(module.os, "write", lambda file, data: write(file, data[: next(sizes)]))
            parts.write(FIRST, COLUMNS)
        assert parts.read(FIRST) == COLUMNS
    assert read_again(parts.path) == COLUMNS


def test_a_full_disk_is_told_with_the_file_that_did_not_fit(tmp_path, monkeypatch):
    def full(file, data):
        raise OSError(28, "No space left on device")

    with Parts(tmp_path / "sweep.jsonl", CONFIG) as parts:
        monkeypatch.setattr(module.os, "write", full)
        with pytest.raises(OSError, match=f"No space left on device: '{parts.path}'$") as told:
            parts.write(FIRST, COLUMNS)
        assert told.value.errno == 28
        assert FIRST not in parts


@pytest.mark.parametrize("kind", ["read-only", "a file"])
def test_sweeps_are_not_kept_where_nothing_can_be_written(tmp_path, monkeypatch, kind):
    def refuse(path):
        raise OSError(30, "Read-only file system")

    if kind == "a file":
        (tmp_path / "cache").touch()
    else:
        monkeypatch.setattr(module.os, "utime", refuse)
    assert cached_parts(tmp_path / "cache", CONFIG) is None
