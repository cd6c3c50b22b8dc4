"""Finished values of a sweep on disk, so that one that was interrupted goes on where it stopped."""

import contextlib
import functools
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from classifiers.artifacts import canonical_json, write_whole
from classifiers.config import SweepConfig

_FORMAT = 1
_MOST_CACHED = 32  # sweeps, of up to about 100 kB each
_PACKAGE = Path(__file__).resolve().parents[2]

Row = dict[str, Any]


class Parts:
    """Finished rows, a file each; one that is torn, altered or of another sweep is as absent."""

    def __init__(self, folder: Path, config: SweepConfig, device: str = "cpu") -> None:
        self.folder = folder
        self.sweep = sweep_digest(config, device)
        self.count = len(config.values)

    def path(self, index: int) -> Path:
        return self.folder / f"{index}.json"

    def read(self, index: int) -> Row | None:
        try:
            part = json.loads(self.path(index).read_bytes())
            intact = part["sha256"] == digest([self.sweep, index, part["row"]])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return part["row"] if intact else None

    def write(self, index: int, row: Row) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = {"row": row, "sha256": digest([self.sweep, index, row])}
        write_whole(self.path(index), canonical_json(part).encode())

    def remove(self) -> None:
        for index in range(self.count):
            self.path(index).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # someone keeps files of their own in there
            self.folder.rmdir()


def cached_parts(folder: Path, config: SweepConfig, device: str = "cpu") -> Parts | None:
    """Where the rows of `config` are kept in a folder of many sweeps; None if it is read-only.

    Only the sweeps used last are kept.
    """
    own = folder / sweep_digest(config, device)
    try:
        own.mkdir(parents=True, exist_ok=True)
        own.touch()
        newest = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for old in newest[_MOST_CACHED:]:
        shutil.rmtree(old, ignore_errors=True)
    return Parts(own, config, device)


def sweep_digest(config: SweepConfig, device: str = "cpu") -> str:
    """Names a sweep: what gives the same rows has the same digest."""
    return digest([_FORMAT, torch.__version__, _source_digest(), config.to_dict(), device])


@functools.cache
def _source_digest() -> str:
    """Rows of another version of the code are not ours: its last bits may differ."""
    page = _PACKAGE / "ui"
    files = [path for path in sorted(_PACKAGE.rglob("*.py")) if not path.is_relative_to(page)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
