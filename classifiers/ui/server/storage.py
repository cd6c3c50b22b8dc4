"""Everything about files that visitors leave: how many, how large, how long.

All of them lie in Gradio's upload folder: uploads, parts of aborted ones, and our answers, which
are written there so that Gradio makes no second copy and one sweep finds everything.
"""

import asyncio
import contextlib
import errno
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio.routes
from gradio.utils import get_upload_folder

from classifiers.errors import BudgetError
from classifiers.ui.guard import give_back_memory

KEPT_SECONDS = 3600
EVERY_SECONDS = 60
MOST_BYTES = 300_000_000
# Where the folder is full, the oldest go before their hour, but not what may still be fetched.
SPARED_SECONDS = 120
ANSWERS = "heart-predictions-"

# What is ours or Gradio's. GRADIO_TEMP_DIR may be a folder that others use too.
_LEFT_BEHIND = re.compile(rf"[0-9a-f]{{64}}|tmp[a-z0-9_]{{8}}|deep_links|{ANSWERS}.*")
_BLOCK = 4096
FULL = (errno.ENOSPC, errno.EDQUOT)
DISK_FULL = "cannot be stored: the server's disk is full; try again in a few minutes"

_log = logging.getLogger(__name__)


class _File(NamedTuple):
    changed: float
    size: int
    path: str


def _blocks(size: int) -> int:
    """What a file takes on the disk, its folder counted: a million empty ones take room too."""
    return -(-size // _BLOCK) * _BLOCK + _BLOCK


def _left_behind(folder: Path) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        shared = folder == Path(tempfile.gettempdir())
        for entry in entries:
            if _LEFT_BEHIND.fullmatch(entry.name) and not (shared and entry.name[:3] == "tmp"):
                yield entry


def _files(folder: Path) -> tuple[list[_File], list[str]]:
    """Files that visitors left, oldest first, and the folders they lie in, innermost first."""
    files, folders = [], []
    for entry in _left_behind(folder):
        if not entry.is_dir(follow_symlinks=False):
            inside: list[tuple[str, list[str], list[str]]] = [(str(folder), [], [entry.name])]
        else:
            inside = list(os.walk(entry.path, topdown=False))
            folders += [root for root, _, _ in inside]
        for root, _, names in inside:
            for name in names:
                path = os.path.join(root, name)
                with contextlib.suppress(OSError):
                    seen = os.lstat(path)  # its change: a copy keeps the modification of the first
                    files.append(_File(seen.st_ctime, _blocks(seen.st_size), path))
    return sorted(files), folders


def tidy(
    kept_seconds: float | None = None,
    wanted: int = 0,
    spared: frozenset[str] = frozenset(),
    now: float | None = None,
) -> int:
    """Deletes what is older than `kept_seconds`, and the oldest where `wanted` bytes do not fit.

    Returns the bytes that the rest takes.
    """
    kept = KEPT_SECONDS if kept_seconds is None else kept_seconds
    now = time.time() if now is None else now
    files, folders = _files(Path(get_upload_folder()))
    total = sum(file.size for file in files)
    # A quarter at once: looking through the folder is not for every upload.
    most = MOST_BYTES if total + wanted <= MOST_BYTES else MOST_BYTES * 3 // 4
    for changed, size, path in files:
        old, crowded = now - changed > kept, total + wanted > most
        if not old and not (crowded and now - changed > SPARED_SECONDS):
            break
        if path not in spared:
            with contextlib.suppress(OSError):
                os.remove(path)
                total -= size
    for path in folders:
        with contextlib.suppress(OSError):  # not empty, most of the time
            # One that was just made is about to be filled.
            if now - os.stat(path).st_ctime > min(kept, EVERY_SECONDS):
                os.rmdir(path)
    return total


class Room:
    """Knows what the files take without a walk through them at every request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = self._promised = 0
        self._next_look = 0.0

    def tidy(self, *args: Any, **options: Any) -> None:
        """As the function; remembers what is left."""
        began = time.monotonic()
        taken = tidy(*args, **options)
        ended = time.monotonic()
        with self._lock:
            # Crowded as the folder may be, looking through it takes a twentieth of one core.
            self._taken, self._next_look = taken, ended + max(1.0, 20 * (ended - began))

    @contextlib.contextmanager
    def claim(self, size: int) -> Iterator[None]:
        """Room for `size` bytes; what is written inside counts from then on.

        Raises:
            BudgetError: the folder is full.
        """
        self.make_room(size)
        size = _blocks(size)
        with self._lock:
            if self._taken + self._promised + size > MOST_BYTES:
                raise BudgetError(
                    "file",
                    f"does not fit: visitors' files take at most {MOST_BYTES // 1_000_000} MB here "
                    f"and {self._taken / 1e6:.0f} MB are taken; try again in two minutes, when "
                    "older ones are deleted",
                )
            self._promised += size
        kept = 0
        try:
            yield
            kept = size
        finally:
            with self._lock:
                self._promised -= size
                self._taken += kept

    def fits(self, size: int) -> bool:
        return self._taken + self._promised + _blocks(size) <= MOST_BYTES

    def make_room(self, size: int) -> None:
        """Deletes the oldest files where `size` bytes do not fit."""
        if not self.fits(size) and time.monotonic() > self._next_look:
            self.tidy(wanted=_blocks(size) + self._promised)


ROOM = Room()


def keep_answer(answer: str | bytes, name: str) -> Path:
    """Writes an answer to a folder of its own, whose name nobody can guess.

    Raises:
        BudgetError: there is no room for it.
    """
    content = answer.encode() if isinstance(answer, str) else answer
    folder = None
    with ROOM.claim(len(content)):
        try:
            uploads = Path(get_upload_folder())
            uploads.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=ANSWERS, dir=uploads))
            (folder / name).write_bytes(content)
        except OSError as error:
            if folder is not None:  # a part of an answer is none
                shutil.rmtree(folder, ignore_errors=True)
            if error.errno in FULL:
                raise BudgetError("file", DISK_FULL) from None
            raise
    return folder / name


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Tidies up every minute while the app is served, whether or not anybody comes, and after."""
    task = asyncio.create_task(_keep_tidy(app.get_blocks()))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        tidy(kept_seconds=-1.0)


async def _keep_tidy(blocks: Any) -> None:
    quiet: set[str] = set()
    while True:
        try:
            shown = (getattr(block, "keep_in_cache", ()) for block in blocks.blocks.values())
            spared = frozenset(path for paths in shown for path in paths)
            await asyncio.to_thread(ROOM.tidy, spared=spared)
            await asyncio.to_thread(give_back_memory)
            for paths in blocks.temp_file_sets:  # Gradio remembers every file it ever saw
                paths -= {path for path in set(paths) if not os.path.exists(path)}
            quiet = _forget_progress(quiet)
        except Exception as error:  # the next minute is another chance
            _log.warning("tidying up failed: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


def _forget_progress(quiet: set[str]) -> set[str]:
    """Gradio keeps what it was told of an upload's progress until somebody asks, perhaps for ever.

    Takes the ids that were quiet a minute ago, and gives those that are quiet now.
    """
    known = gradio.routes.file_upload_statuses
    now = {key for key in known._signals if key not in known._statuses or known.is_done(key)}
    for key in quiet & now:
        known.stop_tracking(key)
        known._signals.pop(key, None)
    return now - quiet
