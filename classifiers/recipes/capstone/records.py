"""What was measured about the capstone and ships with it: sweeps, early stopping, worlds.

A record is one JSON file: `format_version`, the `versions` of the libraries, the record with its
config, and the record's SHA-256, so that an altered or torn one is refused and not shown.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifiers.artifacts import canonical_json, library_versions, write_whole
from classifiers.errors import ArtifactError
from classifiers.recipes.sweep.parts import digest

FORMAT_VERSION = 1
FOLDER = "records"  # beside the networks
_MOST_BYTES = 2**20


def save_record(folder: str | Path, name: str, record: Mapping[str, Any]) -> None:
    """Writes `folder/records/NAME.json`; the same record gives the same bytes."""
    path = Path(folder) / FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format_version": FORMAT_VERSION,
        "versions": library_versions(),
        "record": record,
        "sha256": digest(record),
    }
    write_whole(path, (canonical_json(content) + "\n").encode())


def record_exists(folder: str | Path, name: str) -> bool:
    """Whether there is a file of that name, be it usable or not."""
    return (Path(folder) / FOLDER / f"{name}.json").is_file()


def load_record(folder: str | Path, name: str, command: str) -> dict[str, Any]:
    """The record that `save_record` was given.

    Args:
        folder: that of the capstone's weights.
        name: of the record.
        command: of scripts/train.py, which writes it; errors name it.

    Raises:
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    path = Path(folder) / FOLDER / f"{name}.json"
    again = f"write it anew with scripts/train.py {command}"
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArtifactError(str(path), f"cannot be read ({reason}); {again}") from None
    if len(data) > _MOST_BYTES:
        raise ArtifactError(str(path), f"must be at most {_MOST_BYTES} bytes; {again}")
    try:
        content = json.loads(data)
        version, record = content["format_version"], content["record"]
        intact = isinstance(record, dict) and content["sha256"] == digest(record)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ArtifactError(str(path), f"is not a whole record; {again}") from None
    if version != FORMAT_VERSION:
        raise ArtifactError(
            str(path), f"must have format_version {FORMAT_VERSION}, has {version!r}; {again}"
        )
    if not intact:
        raise ArtifactError(str(path), f"was altered: its SHA-256 does not match; {again}")
    return record
