"""One folder of weights and metadata, written together and verified together.

`model.safetensors` holds the tensors, `metadata.json` everything else. Loading trusts nothing:
bytes are read once, hashed, parsed, and the network must reproduce its golden outputs. Never
pickle, never a memory map: a file that is rewritten under a map changes live weights.

To raise FORMAT_VERSION: change `Metadata`, add a reader for the old version beside it, and train
again; a loader meets only versions that it names.
"""

import hashlib
import json
import os
import platform
import stat
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from site import getuserbase
from typing import Any, Final, Literal

import numpy as np
import torch
from pydantic import Field
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from classifiers.config import Config, NetworkConfig, TrainingConfig
from classifiers.errors import ArtifactError, ClassifiersError, ConfigError
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor

FORMAT_VERSION: Final = 1
MODEL_FILE, METADATA_FILE = "model.safetensors", "metadata.json"
CONFIG_FILE = "config.json"  # only for the Hub, which counts downloads by it
# Where app.py and the weights lie: beside the package in a checkout, else where pip puts data.
_PLACES = [Path(__file__).resolve().parents[1]]
_PLACES += [Path(p, "share/classifiers") for p in (sysconfig.get_path("data"), getuserbase())]
ROOT = next((place for place in _PLACES if (place / "weights" / "heart").is_dir()), _PLACES[0])
_MOST_BYTES = 64 * 2**20
_GOLDEN_TOLERANCE = 1e-5
TRAIN_AGAIN = "fetch the folder again, or make it anew with scripts/train.py"


class SourceRecord(Config):
    """The file that the model was trained on."""

    name: str
    sha256: str


class GoldenRecord(Config):
    """Raw rows (null = missing) and the class probabilities that the model predicts for them."""

    inputs: list[list[float | None]] = Field(min_length=1)
    outputs: list[list[float]] = Field(min_length=1)


class FileRecord(Config):
    sha256: str
    size: int


class Metadata(Config):
    """What `metadata.json` holds.

    The mean of the first `point_members` is the prediction; further members, if any, are refits
    to reweighted rows and give its interval.
    """

    format_version: Literal[1]
    task: str
    network: NetworkConfig
    training: TrainingConfig
    point_members: int = Field(ge=1)
    class_names: list[str] = Field(min_length=2)
    features: list[dict[str, Any]] = Field(min_length=1)
    preprocessing: dict[str, Any] | None
    source: SourceRecord
    seeds: dict[str, int]
    versions: dict[str, str]
    evaluation: dict[str, Any]
    golden: GoldenRecord
    model: FileRecord


@dataclass(frozen=True)
class Artifact:
    """A verified model.

    `network` is float64: a prediction is then the same to 1e-9 however rows are batched.
    `sha256` is that of `model.safetensors`.
    """

    network: MLP
    preprocessor: TabularPreprocessor | None
    metadata: Metadata

    @property
    def sha256(self) -> str:
        return self.metadata.model.sha256

    def inputs(self, raw: np.ndarray) -> torch.Tensor:
        """Raw rows (N, C), NaN = missing, to network inputs (N, F) float64."""
        prepared = raw if self.preprocessor is None else self.preprocessor.transform(raw)
        return torch.from_numpy(np.ascontiguousarray(prepared, dtype=np.float64))

    def probabilities(self, raw: np.ndarray) -> np.ndarray:
        """Class probabilities of every member, (K, N, classes) float64."""
        return self.network.probabilities(self.inputs(raw)).numpy()

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Class probabilities (N, classes), the mean of the point members, a missing value as the
        preprocessor fills it. (A heart model averages over what is missing: see `missing`.)"""
        return self.probabilities(raw)[: self.metadata.point_members].mean(0)


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, no NaN: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hub_config(metadata: Metadata) -> bytes:
    """What `config.json` says on the Hub: whose artifact it is, of what kind, and which one.

    Loaders do not read it: all of it is in the metadata.
    """
    held = metadata.to_dict()
    told = {name: held[name] for name in ("task", "format_version", "versions", "model")}
    told["library_name"] = __name__.partition(".")[0]
    return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()


def library_versions() -> dict[str, str]:
    """What the numbers of an artifact depend on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def save_artifact(
    folder: str | Path,
    network: MLP,
    preprocessor: TabularPreprocessor | None,
    *,
    task: str,
    training: TrainingConfig,
    point_members: int,
    class_names: list[str],
    features: list[dict[str, Any]],
    source: Mapping[str, str],
    seeds: Mapping[str, int],
    evaluation: Mapping[str, Any],
    golden_inputs: np.ndarray,
) -> Artifact:
    """Writes the folder, then loads it back as any reader would.

    `golden_inputs` are raw rows (n, C), NaN = missing. The same arguments give the same bytes.
    """
    preprocessing = None if preprocessor is None else preprocessor.to_dict()
    # A single header key: safetensors writes two or more in random order.
    model = save_tensors(
        network.state_dict(), metadata={"preprocessing": canonical_json(preprocessing)}
    )
    served = network.copy(dtype=torch.float64)
    prepared = golden_inputs if preprocessor is None else preprocessor.transform(golden_inputs)
    golden = served.probabilities(torch.from_numpy(prepared))[:point_members].mean(0)
    metadata = Metadata(
        format_version=FORMAT_VERSION,
        task=task,
        network=network.config,
        training=training,
        point_members=point_members,
        class_names=class_names,
        features=features,
        preprocessing=preprocessing,
        source=SourceRecord(**source),
        seeds=dict(seeds),
        versions=library_versions(),
        evaluation=dict(evaluation),
        golden=GoldenRecord(
            inputs=[[None if np.isnan(v) else float(v) for v in row] for row in golden_inputs],
            outputs=golden.tolist(),
        ),
        model=FileRecord(sha256=hashlib.sha256(model).hexdigest(), size=len(model)),
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(metadata.to_dict(), indent=1, sort_keys=True, allow_nan=False) + "\n"
    write_whole(folder / MODEL_FILE, model)
    write_whole(folder / METADATA_FILE, text.encode())
    return load_artifact(folder)


def resave_artifact(
    artifact: Artifact, folder: str | Path, *, evaluation: Mapping[str, Any]
) -> Artifact:
    """Writes a verified model again, its weights to the bit, with another evaluation record."""
    metadata = artifact.metadata
    return save_artifact(
        folder,
        artifact.network.copy(dtype=torch.float32),  # as it was stored: exact
        artifact.preprocessor,
        task=metadata.task,
        training=metadata.training,
        point_members=metadata.point_members,
        class_names=metadata.class_names,
        features=metadata.features,
        source=metadata.source.to_dict(),
        seeds=metadata.seeds,
        evaluation=evaluation,
        golden_inputs=np.array(metadata.golden.inputs, dtype=np.float64),  # None becomes NaN
    )


def write_whole(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Writes a file so that a reader finds the old one or the new one, never a part.

    Raises:
        ArtifactError: see `check_place`.
    """
    check_place(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for part in [data] if isinstance(data, bytes) else data:
                file.write(part)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def check_place(path: Path) -> None:
    """Refuses to replace anything but a regular file: as root, a device would be gone.

    Raises:
        ArtifactError: a folder, a device, a pipe or a socket lies there.
    """
    try:
        mode = path.stat().st_mode
    except OSError:  # nothing there; or what is there, the write itself will say
        return
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise ArtifactError(str(path), f"is {kind}, which is not replaced; choose another name")


def load_artifact(folder: str | Path) -> Artifact:
    """Reads and verifies a folder.

    Raises:
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    folder = Path(folder)
    model_bytes = _read(folder / MODEL_FILE)
    metadata_bytes = _read(folder / METADATA_FILE)
    metadata = _parse_metadata(folder / METADATA_FILE, metadata_bytes)

    model_path = str(folder / MODEL_FILE)
    if len(model_bytes) != metadata.model.size:
        raise ArtifactError(
            model_path,
            f"must have {metadata.model.size} bytes, has {len(model_bytes)}: it is truncated or "
            f"of another version; {TRAIN_AGAIN}",
        )
    digest = hashlib.sha256(model_bytes).hexdigest()
    if digest != metadata.model.sha256:
        raise ArtifactError(
            model_path,
            f"must have SHA-256 {metadata.model.sha256}, has {digest}: it was altered; "
            f"{TRAIN_AGAIN}",
        )
    if _header_preprocessing(model_path, model_bytes) != canonical_json(metadata.preprocessing):
        raise ArtifactError(
            model_path,
            f"its header's preprocessing must equal that of {METADATA_FILE}: the two files belong "
            f"to different models; {TRAIN_AGAIN}",
        )
    network, preprocessor = _build(folder, metadata, _tensors(model_path, model_bytes))
    artifact = Artifact(network, preprocessor, metadata)
    _check_golden(folder, artifact)
    return artifact


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ArtifactError(
                str(path), f"must be at most {_MOST_BYTES} bytes, has {path.stat().st_size}"
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArtifactError(str(path), f"cannot be read ({reason}); {TRAIN_AGAIN}") from None


def _parse_metadata(path: Path, data: bytes) -> Metadata:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ArtifactError(str(path), f"is not JSON; {TRAIN_AGAIN}") from None
    version = value.get("format_version") if isinstance(value, dict) else None
    if version != FORMAT_VERSION:
        raise ArtifactError(
            str(path),
            f"must have format_version {FORMAT_VERSION}, has {version!r}: use the version of this "
            f"app that wrote it, or {TRAIN_AGAIN}",
        )
    try:
        return Metadata.parse(value, "metadata")
    except ConfigError as error:
        raise ArtifactError(str(path), f"{error}; {TRAIN_AGAIN}") from None


def _header_preprocessing(path: str, data: bytes) -> str:
    """The one key of the safetensors header, read without trusting its length."""
    try:
        length = int.from_bytes(data[:8], "little")
        if len(data) < 8 or length > len(data) - 8:
            raise ValueError("no header")
        header = json.loads(data[8 : 8 + length])["__metadata__"]
        if set(header) != {"preprocessing"}:
            raise ValueError("unexpected header")
        return str(header["preprocessing"])
    except (ValueError, KeyError, TypeError, RecursionError):
        pickle = data[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK")
        what = "is a pickle, and pickles are never read" if pickle else "has no safetensors header"
        raise ArtifactError(path, f"{what}; {TRAIN_AGAIN}") from None


def _tensors(path: str, data: bytes) -> dict[str, torch.Tensor]:
    try:
        tensors = load_tensors(data)
    except SafetensorError as error:
        raise ArtifactError(path, f"is not valid safetensors ({error}); {TRAIN_AGAIN}") from None
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ArtifactError(path, f"{name} holds NaN or infinity; {TRAIN_AGAIN}")
    return tensors


def _build(
    folder: Path, metadata: Metadata, tensors: dict[str, torch.Tensor]
) -> tuple[MLP, TabularPreprocessor | None]:
    try:
        preprocessor = (
            None
            if metadata.preprocessing is None
            else TabularPreprocessor.from_dict(metadata.preprocessing)
        )
        columns = [feature.get("name") for feature in metadata.features]
        if preprocessor and [column.name for column in preprocessor.columns] != columns:
            raise ConfigError("preprocessing", f"must cover the features {columns} in order")
        in_features = len(columns) if preprocessor is None else len(preprocessor.input_names)
        classes, members = len(metadata.class_names), metadata.training.members
        one = MLP(metadata.network, in_features, classes)
        if one.parameter_count * members * one.parameters.element_size() > metadata.model.size:
            raise ConfigError("training.members", f"{members} do not fit in {MODEL_FILE}")
        if metadata.point_members > members:
            raise ConfigError("point_members", f"must be at most the {members} members")
        network = MLP(metadata.network, in_features, classes, members)
    except ClassifiersError as error:
        raise ArtifactError(str(folder / METADATA_FILE), f"{error}; {TRAIN_AGAIN}") from None
    try:
        network.load_state_dict(tensors)
    except ClassifiersError as error:
        raise ArtifactError(str(folder / MODEL_FILE), f"{error}; {TRAIN_AGAIN}") from None
    return network.copy(dtype=torch.float64), preprocessor


def _check_golden(folder: Path, artifact: Artifact) -> None:
    golden = artifact.metadata.golden
    width = len(artifact.metadata.features)
    classes = len(artifact.metadata.class_names)
    path = str(folder / METADATA_FILE)
    if (
        len(golden.inputs) != len(golden.outputs)
        or any(len(row) != width for row in golden.inputs)
        or any(len(row) != classes for row in golden.outputs)
    ):
        raise ArtifactError(
            path, f"golden must pair rows of {width} inputs with {classes} outputs; {TRAIN_AGAIN}"
        )
    inputs = np.array(golden.inputs, dtype=np.float64)  # None becomes NaN
    gap = np.abs(artifact.predict(inputs) - np.array(golden.outputs)).max()
    if not gap <= _GOLDEN_TOLERANCE:
        raise ArtifactError(
            path,
            f"golden outputs must be reproduced within {_GOLDEN_TOLERANCE:g}, the model is off by "
            f"{gap:.3g}: weights and metadata do not belong together; {TRAIN_AGAIN}",
        )
