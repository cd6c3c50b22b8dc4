"""Artifacts: what is saved is what is loaded, and nothing else is."""

import hashlib
import json
import os
import pickle
import platform
import runpy
import site
import stat
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from classifiers import artifacts
from classifiers.artifacts import Artifact, load_artifact, save_artifact, write_whole
from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.errors import ArtifactError
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor

NAMES = ["age", "group"]


def make(folder: Path, seed: int = 0) -> Artifact:
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(50, 9, 40), rng.integers(0, 3, 40).astype(float)])
    x[3, 0] = x[5, 1] = np.nan
    preprocessor = TabularPreprocessor.fit(x, NAMES, ["group"])
    network = MLP(NetworkConfig(outputs="one_logit"), len(preprocessor.input_names), 2, members=3)
    network.initialize(seed)
    return save_artifact(
        folder,
        network,
        preprocessor,
        task="test",
        training=TrainingConfig(members=3),
        point_members=2,
        class_names=["no", "yes"],
        features=[{"name": name} for name in NAMES],
        source={"name": "made.csv", "sha256": "0" * 64},
        seeds={"network": seed},
        evaluation={},
        golden_inputs=x[:6],
    )


@pytest.fixture
def folder(tmp_path):
    make(tmp_path)
    return tmp_path


def edit(folder: Path, **changes) -> None:
    path = folder / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def replace_model(folder: Path, data: bytes) -> None:
    """As a careful attacker would: the sidecar's hash and size fit."""
    (folder / "model.safetensors").write_bytes(data)
    edit(folder, model={"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)})


def tensors(folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    data = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    return load(data), json.loads(data[8 : 8 + length])["__metadata__"]


def test_saved_model_predicts_identically(tmp_path):
    saved = make(tmp_path)
    loaded = load_artifact(tmp_path)
    x = np.array([[61.5, 1.0], [np.nan, np.nan], [40.0, 9.0]])
    np.testing.assert_array_equal(saved.probabilities(x), loaded.probabilities(x))
    assert loaded.preprocessor == saved.preprocessor
    assert loaded.probabilities(x).shape == (3, 3, 2)
    np.testing.assert_array_equal(loaded.predict(x), loaded.probabilities(x)[:2].mean(0))


def test_saving_twice_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        make(tmp_path / name)
    for file in ("model.safetensors", "metadata.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [
        "metadata.json",
        "model.safetensors",
    ]


def test_what_is_written_can_be_read_by_all(tmp_path):
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "a", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


@pytest.mark.parametrize("there", [[0, 1, 2], [1, 2], [2], []])
def test_weights_lie_in_a_checkout_or_where_pip_puts_them(tmp_path, monkeypatch, there):
    places = [Path(artifacts.__file__).parents[1], *(
        tmp_path / base / "share" / "classifiers" for base in ("data", "user")
    )]  # fmt: skip
    found = [places[i] / "weights" / "heart" for i in there]
    monkeypatch.setattr(sysconfig, "get_path", lambda kind: {"data": f"{tmp_path}/data"}[kind])
    monkeypatch.setattr(site, "getuserbase", lambda: f"{tmp_path}/user")
    monkeypatch.setattr(Path, "is_dir", lambda path: path in found)
    made = runpy.run_path(artifacts.__file__, run_name="classifiers.again")
    assert made["ROOT"] == places[there[0] if there else 0]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path):
    def parts():
        yield b"half"
        assert sorted(path.name[:3] for path in tmp_path.iterdir()) == [".a.", "a"]
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a", parts())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_a_prediction_does_not_depend_on_its_batch(tmp_path):
    artifact = make(tmp_path)
    x = np.column_stack([np.linspace(20, 90, 500), np.arange(500) % 4.0])
    whole = artifact.probabilities(x)
    for i in (0, 17, 499):
        np.testing.assert_allclose(
            whole[:, i], artifact.probabilities(x[i : i + 1])[:, 0], atol=1e-12
        )


@pytest.mark.parametrize("file", ["model.safetensors", "metadata.json"])
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()
    with pytest.raises(ArtifactError, match=rf"{file}: cannot be read \(No such file"):
        load_artifact(folder)


def test_a_file_that_is_too_large_is_refused_unread(folder, monkeypatch):
    monkeypatch.setattr(artifacts, "_MOST_BYTES", 10)
    sizes = "|".join(str(path.stat().st_size) for path in folder.iterdir())
    with pytest.raises(ArtifactError, match=f"must be at most 10 bytes, has ({sizes})"):
        load_artifact(folder)


def test_truncation_is_found(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ArtifactError, match=r"model.safetensors: must have \d+ bytes, has \d+"):
        load_artifact(folder)


@pytest.mark.parametrize("position", [0, 9, 300, -1])
def test_a_flipped_bit_anywhere_is_found(folder, position):
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"model.safetensors: must have SHA-256"):
        load_artifact(folder)


def test_a_pickle_is_refused_unread(folder):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (folder / "exploded",))

    replace_model(folder, pickle.dumps(Bomb()))
    with pytest.raises(
        ArtifactError, match=r"model.safetensors: is a pickle, and pickles are never"
    ):
        load_artifact(folder)
    assert not (folder / "exploded").exists()


@pytest.mark.parametrize("data", [b"", b"short", b"\xff" * 64, (10).to_bytes(8, "little") + b"{}"])
def test_bytes_that_are_not_safetensors_are_refused(folder, data):
    replace_model(folder, data)
    with pytest.raises(ArtifactError, match=r"model.safetensors: has no safetensors header"):
        load_artifact(folder)


def test_header_must_equal_the_sidecar(folder):
    state, _ = tensors(folder)
    replace_model(folder, save(state, metadata={"preprocessing": "null"}))
    with pytest.raises(ArtifactError, match=r"header's preprocessing must equal"):
        load_artifact(folder)


def test_missing_and_misshapen_tensors_are_refused(folder):
    state, header = tensors(folder)
    original = dict(state)
    del state["layers.1.bias"]
    replace_model(folder, save({**state, "pad": torch.zeros(99)}, metadata=header))
    with pytest.raises(ArtifactError, match=r"model.safetensors: state: must hold the tensors"):
        load_artifact(folder)
    wide = {**original, "layers.1.bias": original["layers.1.bias"].double()}
    replace_model(folder, save(wide, metadata=header))
    with pytest.raises(ArtifactError, match=r"layers.1.bias: must be \(3, 8\) torch.float32"):
        load_artifact(folder)


def test_nan_weights_are_refused(folder):
    state, header = tensors(folder)
    state["layers.0.weight"][0, 0, 0] = float("nan")
    replace_model(folder, save(state, metadata=header))
    with pytest.raises(ArtifactError, match=r"layers.0.weight holds NaN or infinity"):
        load_artifact(folder)


def test_weights_that_do_something_else_fail_the_golden_inputs(folder):
    state, header = tensors(folder)
    state["layers.2.weight"] *= -1  # what inverted labels would look like
    replace_model(folder, save(state, metadata=header))
    with pytest.raises(ArtifactError, match=r"golden outputs must be reproduced within 1e-05"):
        load_artifact(folder)


def test_a_header_that_says_more_is_refused(folder):
    state, header = tensors(folder)
    replace_model(folder, save(state, metadata={**header, "more": "of it"}))
    with pytest.raises(ArtifactError, match="model.safetensors: has no safetensors header"):
        load_artifact(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 2}, "must have format_version 1, has 2"),
        ({"network": {"widths": [8, 8], "activation": "swish"}}, "network.activation: "),
        ({"surprise": 1}, "surprise: is not a known setting"),
        ({"preprocessing": None}, "header's preprocessing"),
        ({"features": [{"name": "age"}, {"name": "sex"}]}, "must cover the features"),
        ({"features": [{"name": "age"}]}, "must cover the features"),
        ({"golden": {"inputs": [[1.0]], "outputs": [[0.5, 0.5]]}}, "golden must pair rows"),
        ({"golden": {"inputs": [], "outputs": []}}, "golden.inputs: "),
        ({"point_members": 4}, "point_members: must be at most the 3 members"),
        ({"training": {"members": 20_000}}, "training.members: 20000 do not fit"),
        ({"training": {"members": 12}}, "training.members: 12 do not fit"),
    ],
)
def test_bad_metadata_is_named(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ArtifactError, match=message):
        load_artifact(folder)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([[1, 2, 3]] * 2, [[0.1, 0.9]]), ([[1, 2, 3]], [[0.1, 0.9]] * 2),
        ([[1, 2, 3], [1, 2]], [[0.1, 0.9]] * 2), ([[1, 2, 3]] * 2, [[0.1, 0.9], [0.1, 0.2, 0.7]]),
        ([[1, 2]], [[0.1, 0.9]]), ([[1, 2, 3]], [[0.1, 0.2, 0.7]]),
    ],
)  # fmt: skip
def test_golden_rows_are_those_of_the_model(inputs, outputs):
    with pytest.raises(ArtifactError) as told:
        golden(inputs, outputs)
    assert str(told.value).startswith(
        "a folder/metadata.json: golden must pair rows of 3 inputs with 2 outputs; "
    )


def golden(inputs, outputs, predict=None) -> None:
    metadata = SimpleNamespace(
        golden=SimpleNamespace(inputs=inputs, outputs=outputs),
        features=["a", "b", "c"], class_names=["no", "yes"],
    )  # fmt: skip
    artifacts._check_golden(Path("a folder"), SimpleNamespace(metadata=metadata, predict=predict))


@pytest.mark.parametrize("off", [0.9e-5, -0.9e-5, 1.1e-5, -1.1e-5, 0.25, np.nan])
def test_golden_outputs_may_be_off_by_rounding_alone(off):
    asked = []

    def predict(x):
        asked.append(x)
        return np.array([[0.1, 0.9], [0.3 + off, 0.7]])

    given = [[1, 2, None], [3, 4, 5]], [[0.1, 0.9], [0.3, 0.7]], predict
    if abs(off) < 1e-5:
        golden(*given)
    else:
        with pytest.raises(ArtifactError) as told:
            golden(*given)
        assert f"within 1e-05, the model is off by {abs(off):.3g}: weights" in str(told.value)
    np.testing.assert_array_equal(asked, [[[1, 2, np.nan], [3, 4, 5]]])


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_metadata_that_is_no_object_is_refused(folder, text):
    (folder / "metadata.json").write_text(text)
    with pytest.raises(
        ArtifactError, match=r"metadata.json: (is not JSON|must have format_version)"
    ):
        load_artifact(folder)


@pytest.mark.parametrize(("most", "read"), [(9, False), (10, True), (11, True)])
def test_a_file_may_be_as_large_as_is_said(tmp_path, monkeypatch, most, read):
    (tmp_path / "a").write_bytes(b"x" * 10)
    monkeypatch.setattr(artifacts, "_MOST_BYTES", most)
    if read:
        assert artifacts._read(tmp_path / "a") == b"x" * 10
    else:
        with pytest.raises(ArtifactError, match="at most 9 bytes, has 10"):
            artifacts._read(tmp_path / "a")


def test_what_is_written_is_for_people_too_and_says_what_it_was_made_with(folder):
    metadata = load_artifact(folder).metadata
    text = (folder / "metadata.json").read_text()
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n"
    told = artifacts.hub_config(metadata).decode()
    assert told == json.dumps(json.loads(told), indent=1, sort_keys=True) + "\n"
    made_with = {"python": platform.python_version(), "torch": torch.__version__,
                 "numpy": np.__version__}  # fmt: skip
    assert metadata.versions == made_with


@pytest.mark.parametrize("start", [b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK"])
def test_pickles_of_every_kind_are_named(start):
    with pytest.raises(ArtifactError, match="^x: is a pickle, and pickles are never read; "):
        artifacts._header_preprocessing("x", start + b"\xff" * 20)
    with pytest.raises(ArtifactError, match="^x: has no safetensors header; "):
        artifacts._header_preprocessing("x", b"\x80\x06" + start + b"\xff" * 20)


def test_all_members_may_be_points(folder):
    edit(folder, point_members=3)  # which the golden outputs are not those of
    with pytest.raises(ArtifactError, match="golden outputs must be reproduced"):
        load_artifact(folder)
