"""The shipped worlds: `records/worlds-RULE.json` and the arrays beside it, verified when read.

The JSON names the arrays' SHA-256 and is a record like the others, with a SHA-256 of its own.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from classifiers.artifacts import write_whole
from classifiers.config import CapstoneConfig
from classifiers.errors import ArtifactError, ConfigError
from classifiers.recipes.capstone.records import FOLDER, load_record, save_record
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.pile import PAIRS, Pile, World
from classifiers.recipes.capstone.worlds.rule import draw_world, seeds_of, world_runs
from classifiers.recipes.capstone.worlds.scores import BINS

COMMAND = "capstone-worlds"
_MOST_BYTES = 16 * 2**20
_AGAIN = f"write it anew with scripts/train.py {COMMAND}"
_STACKED = ("scores", "margins", "histograms", "only_one", "boundary_length", "diverged_at")


def pack_bytes(parts: list[bytes]) -> dict[str, NDArray]:
    """Byte strings as two arrays: all of them one after the other, and where each ends."""
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return {"bytes": np.frombuffer(b"".join(parts), np.uint8), "ends": ends}


def unpack_bytes(arrays: Mapping[str, NDArray]) -> list[bytes]:
    """What `pack_bytes` was given."""
    data, ends = arrays["bytes"].tobytes(), arrays["ends"].tolist()
    return [data[start:stop] for start, stop in zip([0, *ends[:-1]], ends, strict=True)]


def save_pile(folder: str | Path, pile: Pile) -> None:
    """Writes `folder/records/worlds-NAME.json` and `.safetensors`; the arrays first.

    The same pile gives the same bytes.
    """
    regions = [region for world in pile.worlds for row in world.regions for region in row]
    arrays = {
        **{key: np.stack([getattr(world, key) for world in pile.worlds]) for key in _STACKED},
        "best_test": np.array([world.best_test for world in pile.worlds]),
        **{f"regions.{key}": array for key, array in pack_bytes(regions).items()},
    }
    data = save_arrays({key: np.ascontiguousarray(array) for key, array in arrays.items()})
    record = {
        "config": pile.config.to_dict(),
        "worlds": len(pile.worlds),
        "together": pile.together,
        "arrays_sha256": hashlib.sha256(data).hexdigest(),
    }
    path = _arrays_path(folder, pile.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    save_record(folder, f"worlds-{pile.name}", record)


def load_pile(folder: str | Path, name: str) -> Pile:
    """The shipped worlds of a rule.

    Raises:
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    record = load_record(folder, f"worlds-{name}", COMMAND)
    path = _arrays_path(folder, name)
    try:
        config = CapstoneConfig.parse(record["config"])
        worlds, together = int(record["worlds"]), dict(record["together"])
        sha256 = record["arrays_sha256"]
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        text = f"is no record of worlds ({error!r}); {_AGAIN}"
        raise ArtifactError(f"worlds-{name}.json", text) from None
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArtifactError(str(path), f"cannot be read ({reason}); {_AGAIN}") from None
    if len(data) > _MOST_BYTES:
        raise ArtifactError(str(path), f"must be at most {_MOST_BYTES} bytes; {_AGAIN}")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ArtifactError(str(path), f"was altered: its SHA-256 does not match; {_AGAIN}")
    pile = Pile(name, config, (), together)
    try:
        return Pile(name, config, tuple(_worlds(load_arrays(data), pile, worlds)), together)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ArtifactError(str(path), f"is not whole ({error!r}); {_AGAIN}") from None


def _arrays_path(folder: str | Path, name: str) -> Path:
    return Path(folder) / FOLDER / f"worlds-{name}.safetensors"


def _worlds(arrays: dict[str, NDArray], pile: Pile, count: int) -> list[World]:
    networks, epochs = len(NAMES), len(pile.epochs)
    tests = len(draw_world(world_runs(pile.config)["good"], seeds_of(pile.config, 0)).test)
    shapes: dict[str, tuple[int, ...]] = {
        "scores": (networks, len(SCORES), epochs),
        "margins": (networks, tests),
        "histograms": (networks, 2, BINS),
        "only_one": (len(PAIRS), 2),
        "boundary_length": (networks,),
        "diverged_at": (networks,),
        "best_test": (),
    }
    for key, shape in shapes.items():
        if arrays[key].shape != (count, *shape):
            raise ValueError(f"{key} must have shape {(count, *shape)}, has {arrays[key].shape}")
    regions = unpack_bytes({key: arrays[f"regions.{key}"] for key in ("bytes", "ends")})
    if len(regions) != count * networks * epochs:
        raise ValueError(f"must hold {count * networks * epochs} regions, holds {len(regions)}")
    rows = [tuple(regions[i : i + epochs]) for i in range(0, len(regions), epochs)]
    return [
        World(
            k=k,
            regions=tuple(rows[k * networks : (k + 1) * networks]),
            best_test=float(arrays["best_test"][k]),
            **{key: arrays[key][k] for key in _STACKED},
        )
        for k in range(count)
    ]
