"""Which files of visitors go when, and what is known of the room they take: made up, by a clock of
the test's own, and held against what was looked at and kept.
"""

import asyncio
import errno
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.ui.server import storage
from classifiers.ui.server.storage import Room
from tests.answers.thinned import attempt, hold
from tests.processes.clock import Clock
from tests.tools.app_client import run_async

NOW = 10_000.0
# By their age in seconds: all sizes differ, and so do sums of some.
AGES = {5000: 10, 3601: 20, 3600: 30, 300: 40, 121: 15, 120: 25, 5: 35}
FOLDERS = {"/f/full": 9000.0, "/f/old": 61.0, "/f/young": 60.0, "/f/new": 31.0, "/f/now": 0.0}


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock(100.0)
    monkeypatch.setattr(storage, "time", made)
    return made


def tidied(monkeypatch, *, stuck: str = "", **asked: Any) -> list[Any]:
    """What is deleted of the files and folders above, in its order, and what the rest takes."""
    gone: list[str] = []

    def remove(path: str) -> None:
        if path in (stuck, "/f/full"):
            raise OSError("is in use")
        gone.append(path)

    files = [storage._File(NOW - age, size, f"/f/{age}") for age, size in AGES.items()]
    ages = SimpleNamespace(
        remove=remove, rmdir=remove, stat=lambda path: SimpleNamespace(st_ctime=NOW - FOLDERS[path])
    )
    with monkeypatch.context() as patched:
        patched.setattr(storage, "os", ages)
        patched.setattr(storage, "_files", lambda folder: (files, list(FOLDERS)))
        return [storage.tidy(now=NOW, **asked), *gone]


def test_which_files_go_first(snapshots, monkeypatch):
    asked: dict[str, dict[str, Any]] = {
        "fits": {}, "just fits": {"wanted": 25}, "does not": {"wanted": 26},
        "much more": {"wanted": 120}, "never": {"wanted": 900},
        "kept shorter": {"kept_seconds": 30}, "at the end": {"kept_seconds": -1.0},
        "spared": {"spared": frozenset(("/f/5000", "/f/300"))},
        "spared and crowded": {"spared": frozenset(("/f/3600",)), "wanted": 60},
        "stuck": {"stuck": "/f/3601", "wanted": 60}, "nothing is kept": {"kept_seconds": 0.0},
    }  # fmt: skip
    for name, told in asked.items():
        monkeypatch.setattr(storage, "MOST_BYTES", 200)
        hold(snapshots, name, tidied(monkeypatch, **told), 30)


def test_what_is_known_of_the_room(snapshots, monkeypatch, clock):
    asked: list[Any] = []

    def tidy(*given: Any, **named: Any) -> int:
        asked.append([clock.now, *given, named])
        clock.now += tidy.takes  # type: ignore[attr-defined]
        return tidy.left  # type: ignore[attr-defined]

    monkeypatch.setattr(storage, "tidy", tidy)
    monkeypatch.setattr(storage, "MOST_BYTES", 100_000)
    room, told = Room(), []
    steps = ((0.01, 90_000, 0.0, 1_808), (0.5, 95_000, 0.9, 1_808), (0.5, 40_000, 0.2, 9_000),
             (0.02, 20_000, 9.0, 70_000), (0.02, 20_000, 0.5, 70_000),
             (0.0, 0, 1.1, 91_809))  # fmt: skip
    for takes, left, moves, size in steps:
        tidy.takes, tidy.left = takes, left  # type: ignore[attr-defined]
        clock.now += moves
        fits = room.fits(size)
        with room.claim(100):
            room.make_room(size)
            inside = [room._promised, room._taken]
        told.append([fits, *inside, room._promised, room._taken, room._next_look])
    hold(snapshots, "looks", [told, asked], 40)
    room.tidy(7.0, spared=frozenset("x"))
    hold(snapshots, "tidied", [asked[-1], room._taken])
    monkeypatch.setattr(storage, "MOST_BYTES", 310_000_000)
    room._taken, room._next_look = 309_400_000, 1e9
    hold(snapshots, "no room", attempt(lambda: room.claim(700_000).__enter__()))
    hold(snapshots, "nothing promised", room._promised)


def test_the_room_is_counted_by_one_at_a_time(monkeypatch):
    class Counted(Room):
        def __setattr__(self, name: str, value: Any) -> None:
            assert "_next_look" not in self.__dict__ or self._lock.locked()
            super().__setattr__(name, value)

    monkeypatch.setattr(storage, "tidy", lambda: 10_000)
    monkeypatch.setattr(storage, "MOST_BYTES", 40_000)
    room = Counted()
    room.tidy()
    with room.claim(5000):
        assert (room._taken, room._promised) == (10_000, 12_288)
        assert "does not fit" in str(attempt(lambda: room.claim(15_000).__enter__()))
    assert (room._taken, room._promised) == (22_288, 0)


def test_what_is_left_behind(snapshots, tmp_path, monkeypatch):
    names = ("a" * 64, "A" * 64, "a" * 63, "tmpabcdefgh", "tmpabc", "tmpABCDEFGH", "deep_links",
             "deep_link", f"{storage.ANSWERS}x", "other")  # fmt: skip
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "in").mkdir()
        (tmp_path / name / "in" / "a.csv").write_bytes(b"x" * len(name))
    (tmp_path / "tmp12345678").write_bytes(b"")
    elsewhere = tmp_path / "other" / "in"
    (tmp_path / "tmp_leads_0").symlink_to(elsewhere)
    (tmp_path / "deep_links" / "leads_to").symlink_to(elsewhere)
    for shared in (False, True):
        place = str(tmp_path) if shared else "/elsewhere"
        monkeypatch.setattr(storage.tempfile, "gettempdir", lambda place=place: place)
        files, folders = storage._files(tmp_path)
        told = sorted([file.path, file.size] for file in files)
        ordered = [Path(one).relative_to(tmp_path).parts for one in folders]
        inner = all(("in" in first) and ("in" not in then) for first, then in
                    zip(ordered[::2], ordered[1::2], strict=True))  # fmt: skip
        shown = [[path.replace(str(tmp_path), ""), size] for path, size in told]
        hold(snapshots, f"shared: {shared}", [inner, sorted(map(list, ordered)), shown], 60)
    assert [file.changed for file in files] == sorted(file.changed for file in files)
    hold(snapshots, "no folder", storage._files(tmp_path / "none"))


def test_an_answer_that_cannot_be_kept(snapshots, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "new"))
    claims: list[int] = []
    room = Room()
    claim = room.claim
    monkeypatch.setattr(storage, "ROOM", room)
    monkeypatch.setattr(room, "claim", lambda size: claims.append(size) or claim(size))
    for answer in ("größer\n", b"\xff\x00", ""):
        path = storage.keep_answer(answer, "x.csv")
        told = [path.name, path.parent.name.startswith(storage.ANSWERS), list(path.read_bytes())]
        hold(snapshots, f"{answer!r}", told)
    hold(snapshots, "claimed", [claims, room._taken, room._promised])
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EIO):

        def fail(path: Path, content: bytes, number: int = number) -> None:
            path.touch()
            raise OSError(number, "why")

        with monkeypatch.context() as patched:
            patched.setattr(Path, "write_bytes", fail)
            try:
                told = attempt(lambda: storage.keep_answer("a", "x.csv"))
            except OSError as error:
                told = repr(error)
        hold(snapshots, f"error {errno.errorcode[number]}", [told, room._taken, room._promised])
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_what_is_done_every_minute(snapshots, monkeypatch, caplog, tmp_path):
    kept = tmp_path / "kept"
    kept.touch()
    sets = [{str(kept), "/none/a"}, {"/none/b"}]
    blocks = SimpleNamespace(
        temp_file_sets=sets,
        blocks={1: SimpleNamespace(keep_in_cache={"a", "b"}), 2: SimpleNamespace(),
                3: SimpleNamespace(keep_in_cache={"c"})},
    )  # fmt: skip
    done: list[Any] = []

    async def in_thread(call: Any, *given: Any, **named: Any) -> None:
        done.append([call.__name__, *given, {key: sorted(one) for key, one in named.items()}])
        if len(done) == 6:
            raise KeyError("the patient is 61")

    async def sleep(seconds: float) -> None:
        done.append(["sleeps", seconds])
        if len(done) > 9:
            raise asyncio.CancelledError

    def forget(quiet: set[str]) -> set[str]:
        done.append(["forgets", sorted(quiet)])
        return {f"{len(done)}"}

    monkeypatch.setattr(storage, "asyncio", SimpleNamespace(to_thread=in_thread, sleep=sleep))
    monkeypatch.setattr(storage, "_forget_progress", forget)
    caplog.set_level(logging.WARNING)
    with pytest.raises(asyncio.CancelledError):
        run_async(storage._keep_tidy(blocks))
    hold(snapshots, "done", [*done, [one.getMessage() for one in caplog.records]], 40)
    assert sets == [{str(kept)}, set()]


def test_which_progress_is_forgotten(snapshots, monkeypatch):
    stopped: list[str] = []
    known = SimpleNamespace(
        _signals=dict.fromkeys("abcd"), _statuses=dict.fromkeys("bcd"),
        is_done=lambda key: key in "bc", stop_tracking=stopped.append,
    )  # fmt: skip
    monkeypatch.setattr(storage.gradio.routes, "file_upload_statuses", known)
    told = []
    for quiet in (set(), {"a", "z"}, {"b", "d"}, {"b", "c"}):
        now = storage._forget_progress(quiet)
        told.append([sorted(quiet), sorted(now), sorted(known._signals), list(stopped)])
    hold(snapshots, "forgotten", told)
