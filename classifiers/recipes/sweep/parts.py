"""Finished tasks of a sweep on disk, so that one that was interrupted goes on where it stopped.

A file of JSON lines that only grows: first what the sweep is, then a line a finished task, in the
order in which they came. Each line starts with the checksum of its rest, so that one that was torn
when a process was killed, or altered since, is as absent. It can be read while it grows.
"""

import contextlib
import functools
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import torch

from classifiers.artifacts import canonical_json, check_place, library_versions
from classifiers.config import SweepLike
from classifiers.errors import ArtifactError
from classifiers.recipes.sweep.spread.probe import digest_of_sources
from classifiers.recipes.sweep.tasks import Columns, Task

_FORMAT = 2
_MOST_CACHED = 32  # sweeps, of up to about 200 kB each
_PACKAGE = Path(__file__).resolve().parents[2]
_SUM = 24  # hex digits
_FRAME = len('{"sha256":"",') + _SUM
_SYNC_SECONDS = 2.0  # what a power cut may cost; a killed process costs nothing

Key = tuple[int, int, int, int]


class Parts:
    """Finished tasks in a file; one of another sweep is moved aside.

    Raises:
        ArtifactError: the file cannot be written, or is no regular file.
    """

    def __init__(self, path: Path, config: SweepLike, device: str = "cpu") -> None:
        check_place(path)
        self.path, self.sweep = path, sweep_digest(config, device)
        self.moved: Path | None = None  # where results of another sweep are now
        self._places: dict[Key, tuple[int, int]] = {}
        self._synced = time.monotonic()
        head = {
            "sweep": self.sweep,
            "config": config.to_dict(),
            "device": device,
            "versions": library_versions(),
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open(head)
        except OSError as error:
            raise ArtifactError(
                str(path), f"cannot be written ({error.strerror}); choose another --output"
            ) from None

    def _open(self, head: dict[str, Any]) -> None:
        lines = _lines(self.path)
        first = next(lines, None)
        if first is not None and self._parse(first[1], "sweep") != self.sweep:
            self.moved = _free_name(self.path)
            os.replace(self.path, self.moved)
            first = None
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        end = os.fstat(self._file).st_size
        if first is None:
            self._write(head)
            return
        for place, line in lines:
            task = self._parse(line, "task")
            if task is not None:
                self._places[tuple(task)] = place, len(line)
        if end and os.pread(self._file, 1, end - 1) != b"\n":
            os.write(self._file, b"\n")  # what was torn stays a line of its own

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, task: Task) -> bool:
        return task.key in self._places

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, task: Task) -> list[Columns] | None:
        """The columns of each setting that a task serves; None if it was not finished."""
        if task.key not in self._places:
            return None
        place, length = self._places[task.key]
        return self._parse(os.pread(self._file, length, place), "columns")

    def write(self, task: Task, columns: list[Columns], seconds: float = 0.0) -> None:
        """Keeps a finished task.

        Raises:
            OSError: the disk is full; what was written before is kept.
        """
        line = {"task": task.key, "columns": columns, "seconds": round(seconds, 3)}
        self._places[task.key] = self._write(line)

    def write_failure(self, task: Task, error: str) -> None:
        """For whoever reads along; started again, the task is tried again."""
        self._write({"failed": task.key, "error": error})

    def _write(self, content: dict[str, Any]) -> tuple[int, int]:
        body = canonical_json(content)[1:]
        data = f'{{"sha256":"{_checksum(self.sweep, body)}",{body}\n'.encode()
        try:
            written = os.write(self._file, data)
            if written < len(data):  # the disk is full: the second try says so
                os.write(self._file, data[written:])
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        place = os.lseek(self._file, 0, os.SEEK_CUR) - len(data)  # others may append, too
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            os.fsync(self._file)
            self._synced = time.monotonic()
        return place, len(data)

    def _parse(self, line: bytes, key: str) -> Any:
        """What an intact line of this sweep holds under a key."""
        try:
            text = line.decode().rstrip("\n")
            body = text[_FRAME:]
            if text[_FRAME - 2 - _SUM : _FRAME - 2] != _checksum(self.sweep, body):
                return None
            return json.loads("{" + body).get(key)
        except ValueError:
            return None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._file)

    def remove(self) -> None:
        """All is done, and written elsewhere."""
        self.path.unlink(missing_ok=True)


def cached_parts(folder: Path, config: SweepLike, device: str = "cpu") -> Parts | None:
    """Where the tasks of `config` are kept in a folder of many sweeps; None if it is read-only.

    Only the sweeps used last are kept.
    """
    own = folder / f"{sweep_digest(config, device)}.jsonl"
    try:
        parts = Parts(own, config, device)
        os.utime(own)
        newest = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest[_MOST_CACHED:]:
            old.unlink()
    except (OSError, ArtifactError):
        return None
    return parts


def sweep_digest(config: SweepLike, device: str = "cpu") -> str:
    """Names a sweep: what gives the same rows has the same digest."""
    return digest([_FORMAT, torch.__version__, source_digest(), config.to_dict(), device])


@functools.cache
def source_digest() -> str:
    """Rows of another version of the code are not ours: its last bits may differ."""
    return digest_of_sources(_PACKAGE)


def digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _checksum(sweep: str, body: str) -> str:
    return hashlib.sha256(f"{sweep}{body}".encode()).hexdigest()[:_SUM]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its place in the file; none where there is no file."""
    place = 0
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            yield place, line
            place += len(line)


def _free_name(path: Path) -> Path:
    number = 1
    while (free := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    return free
