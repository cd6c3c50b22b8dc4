"""The version of a repo that was verified last and is kept for when the Hub is away; and how often
the Hub is looked at.
"""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers import hub
from classifiers.hub import Follower, Revision
from tests.answers.thinned import hold
from tests.processes.clock import Clock

REVISION, FILES = Revision("user/name"), ("a",)
OLD, NEW = "a" * 40, "b" * 40


def load(folder: Path) -> bytes:
    return (folder / "a").read_bytes()


@pytest.fixture
def follower(tmp_path) -> Follower[bytes]:
    """Has kept a version."""
    follower = Follower(REVISION, FILES, load, cache=tmp_path)
    follower._keep(OLD, {"a": b"old"})
    return follower


def test_versions_are_kept_beside_the_hubs_own(tmp_path, monkeypatch):
    monkeypatch.setattr(hub.constants, "HF_HOME", str(tmp_path))
    own = Follower(Revision("user/name", "refs/pr/1"), FILES, load)
    assert own._cache == tmp_path / "followed-weights" / "user%2Fname" / "refs%2Fpr%2F1"


def test_a_version_that_could_not_be_kept_whole_leaves_the_one_before(follower, monkeypatch):
    def torn(path: Path, text: str) -> None:
        path.write_bytes(text[:7].encode())
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", torn)
        with pytest.raises(OSError, match="No space"):
            follower._keep(NEW, {"a": b"new"})
    follower._load_cached()
    assert (follower.state.commit, follower.state.value) == (OLD, b"old")


def test_a_version_that_cannot_be_kept_is_served_all_the_same(follower, monkeypatch, caplog):
    def full(commit: str, contents: dict[str, bytes]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(follower, "_fetch", lambda name, commit: b"new")
    monkeypatch.setattr(follower, "_keep", full)
    follower._take(NEW)
    assert (follower.state.commit, follower.state.value) == (NEW, b"new")
    told = f"{follower._cache}: cannot keep {NEW} ([Errno 28] No space left on device)"
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [told]


def test_a_version_that_is_loaded_without_the_hub_is_not_counted(follower, tmp_path, monkeypatch):
    asked = []

    def away(url: str, **_: object) -> None:
        asked.append(url.rpartition("/")[2])
        raise OSError("no route")

    monkeypatch.setattr(hub, "get_hf_file_metadata", away)
    assert hub.fetch(REVISION, FILES, load, tmp_path, counted="config.json") == b"old"
    assert asked == ["a"]


def test_of_all_versions_the_newest_alone_is_kept(follower, tmp_path):
    folder = follower._cache
    for name in ("c" * 40, "c" * 39, ".part-other", "notes"):
        (folder / name).mkdir()
    (folder / NEW).mkdir()
    (folder / NEW / "damaged").touch()
    follower._keep(NEW, {"a": b"new", "b": b"more"})
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert kept == {NEW, f"{NEW}/a", f"{NEW}/b", "c" * 39, ".part-other", "notes", "verified"}
    assert (folder / "verified").read_text() == NEW
    assert (folder / NEW / "b").read_bytes() == b"more"


def test_a_part_that_cannot_be_put_in_its_place_goes(follower, monkeypatch):
    def stuck(source: Path, target: Path) -> None:
        raise OSError(16, "Device or resource busy")

    before = sorted(path.name for path in follower._cache.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(hub, "os", SimpleNamespace(replace=stuck, getpid=os.getpid))
        with pytest.raises(OSError, match="busy"):
            follower._keep(NEW, {"a": b"new"})
    assert sorted(path.name for path in follower._cache.iterdir()) == before


@pytest.mark.parametrize("text", ["", "a" * 39, "A" * 40, "../x"])
def test_a_pointer_to_no_version_is_not_followed(follower, text):
    (follower._cache / "verified").write_text(text)
    follower._load_cached()
    assert follower.state.commit is None


def test_where_reading_a_file_ends(snapshots, monkeypatch):
    clock, asked = Clock(50.0), []

    def answer(status: int, sizes: list[int], seconds: float) -> Any:
        def read(size: int) -> Any:
            asked.append(size)
            for number, length in enumerate(sizes):
                clock.sleep(seconds)
                yield bytes([number]) * length

        response = SimpleNamespace(status_code=status, iter_bytes=read)

        class Stream:
            def __enter__(self) -> Any:
                return response

            def __exit__(self, *_: object) -> None:
                asked.append("closed")

        def stream(method: str, url: str, headers: dict[str, str], timeout: float) -> Any:
            asked.extend([method, url, headers, timeout])
            return Stream()

        return SimpleNamespace(stream=stream)

    monkeypatch.setattr(hub, "time", clock)
    monkeypatch.setattr(hub, "build_hf_headers", lambda: {"user-agent": "ours"})
    for name, most, given in (
        ("whole", 9, (200, [4, 5], 1.0)), ("one more", 8, (200, [4, 5, 6], 1.0)),
        ("much more", 3, (200, [9, 9], 1.0)), ("none", 9, (200, [], 1.0)),
        ("just in time", 99, (200, [1, 2, 3], 40.0)), ("late", 99, (200, [1, 2, 3], 40.1)),
        ("late and all there", 3, (200, [4], 200.0)), ("not there", 9, (404, [1], 0.0)),
        ("elsewhere", 9, (206, [1], 0.0)),
    ):  # fmt: skip
        monkeypatch.setattr(hub, "get_session", lambda given=given: answer(*given))
        asked.clear()
        try:
            told: Any = list(hub._read("http://h/x", most))
        except OSError as error:
            told = str(error)
        hold(snapshots, name, [told, *asked])


def test_how_often_it_is_looked(snapshots, tmp_path, caplog):
    def fail() -> None:
        raise KeyError("a defect")

    told = []
    pin = "a" * 40
    for ref, known, refused, look in (
        ("main", None, {}, None), (pin, pin, {}, None), (pin, None, {}, None),
        (pin, None, {pin: "is bad"}, None), ("main", None, {pin: "is bad"}, fail),
    ):  # fmt: skip
        follower = Follower(Revision("user/x", ref), FILES, load, period=7.5, cache=tmp_path)
        waits: list[float] = []
        follower._stopped = SimpleNamespace(  # type: ignore[assignment]
            is_set=lambda: False, wait=lambda s, waits=waits: waits.append(s) or len(waits) == 3
        )
        follower.look = look or (lambda: None)  # type: ignore[method-assign]
        follower.state = replace(follower.state, commit=known, refused=refused)
        follower._run()
        logged = [one.getMessage() for one in caplog.records]
        told.append([ref, known, waits, follower._looked.is_set(), follower._cache.name, logged])
    hold(snapshots, "looks", told)
