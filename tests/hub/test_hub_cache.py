"""The version of a repo that was verified last and is kept for when the Hub is away."""

from pathlib import Path

import pytest

from classifiers import hub
from classifiers.hub import Follower, Revision

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


def test_a_version_that_is_loaded_without_the_hub_is_not_counted(follower, tmp_path, monkeypatch):
    asked = []

    def away(url: str, **_: object) -> None:
        asked.append(url.rpartition("/")[2])
        raise OSError("no route")

    monkeypatch.setattr(hub, "get_hf_file_metadata", away)
    assert hub.fetch(REVISION, FILES, load, tmp_path, counted="config.json") == b"old"
    assert asked == ["a"]
