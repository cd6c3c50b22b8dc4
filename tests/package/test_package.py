"""The package without the app: what an import needs, and the model as data people use it."""

import functools
import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import classifiers.__main__
from classifiers.artifacts import Metadata, hub_config
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError, ClassifiersError
from classifiers.evaluation.calibration import reliability_curve
from classifiers.evaluation.decision import Sample
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.tools.hub_client import Package

sys.path.insert(0, str(ROOT / "scripts"))
import pin

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What may be missing where no extra is installed.
EXTRAS = (
    "gradio", "huggingface_hub", "matplotlib", "pandas", "sklearn", "python_calamine", "xlrd",
    "dask", "distributed", "orjson", "spaces", "yaml", "httpx2", "scipy",
)  # fmt: skip


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT)


def test_the_version_is_said_once():
    assert classifiers.__version__ == PROJECT["version"]


def test_it_predicts_with_torch_numpy_safetensors_and_pydantic_alone():
    code = (
        f"import sys\nfor name in {EXTRAS}: sys.modules[name] = None\n"
        "from classifiers import HeartModel\nimport pathlib\n"
        "model = HeartModel.load('weights/heart')\n"
        "print(model.predict({'age': 61, 'sex': 'male'}).probability, repr(model))\n"
        "print(len(model.predict_file(b'age,sex\\n61,male\\n').answers))\n"
    )
    told = run("-c", code)
    assert told.returncode == 0, told.stderr
    assert 0 < float(told.stdout.split()[0]) < 1
    needed = {re.split(r"[<>=\[]", need)[0] for need in PROJECT["dependencies"]}
    assert needed == {"torch", "numpy", "safetensors", "pydantic"}


def test_all_that_the_app_installs_is_pinned_as_it_is_installed_here():
    text = (ROOT / "requirements.txt").read_text()
    assert pin.requirements(text) == text, "python scripts/pin.py writes it anew"


def test_a_pin_that_is_stale_missing_or_too_many_is_seen(monkeypatch):
    monkeypatch.setattr(pin, "needed", functools.cache(pin.needed))
    text = (ROOT / "requirements.txt").read_text()
    others = (
        re.sub(r"^anyio==.*\n", "", text, flags=re.MULTILINE),
        re.sub(r"^anyio==.*", "anyio==1.0", text, flags=re.MULTILINE),
        text + "zope==1.0\n",
        text.replace(';python_version>="3.13"', ""),
    )
    for other in others:
        assert pin.requirements(other) == text != other
    with pytest.raises(LookupError, match="audioop-lts"):
        pin.requirements("")


def test_pins_are_within_what_the_package_asks_for():
    lines = (ROOT / "requirements.txt").read_text().split()
    pins = {re.split(r"[=\[]", line)[0]: line.partition("==")[2] for line in lines}
    extras = PROJECT["optional-dependencies"]
    asked = [Requirement(text) for text in PROJECT["dependencies"] + extras["app"] + extras["hub"]]
    for need in asked:
        if need.name != "classifiers":
            assert pins[canonicalize_name(need.name)] in need.specifier, need
    development = dict(
        re.match(r"([\w-]+)(?:\[.*\])?==(.+)", line).groups()
        for line in (ROOT / "requirements-dev.txt").read_text().split()
        if "==" in line
    )
    (dask,) = (Requirement(text) for text in extras["dask"])
    assert development["dask"] in dask.specifier


def test_probabilities_come_in_the_manner_of_scikit_learn(model):
    frame = pd.DataFrame(SAMPLE_PATIENTS.values())
    own = [model.predict(patient).probability for patient in SAMPLE_PATIENTS.values()]
    both = model.predict_proba(frame)
    assert both.shape == (len(frame), 2)
    assert both[:, 1] == pytest.approx(own, abs=1e-12)
    assert both.sum(1) == pytest.approx(1)
    assert model.classes_.tolist() == [0, 1]
    shuffled = frame[sorted(frame)]  # columns by name, in any order
    assert model.predict_proba(shuffled) == pytest.approx(both, abs=1e-12)
    numbers = frame.replace("fixed", 6).astype(float)[list(FEATURE_NAMES)].to_numpy()
    assert model.predict_proba(numbers) == pytest.approx(both, abs=1e-12)
    assert model.predict_proba(numbers.tolist()) == pytest.approx(both, abs=1e-12)
    assert model.predict_proba(frame.iloc[:0]).shape == (0, 2)
    few = frame[["age", "sex"]].astype("Int64")
    assert model.predict_proba(few)[0, 1] == pytest.approx(
        model.predict({"age": 42, "sex": 0}).probability
    )


def test_a_row_of_a_frame_is_a_patient(model):
    frame = pd.DataFrame(SAMPLE_PATIENTS.values())
    for (_, row), patient in zip(frame.iterrows(), SAMPLE_PATIENTS.values(), strict=True):
        assert model.predict(row) == model.predict(patient)


@pytest.mark.parametrize(
    ("patients", "start"),
    [
        (np.zeros((2, 12)), "patients: must be a DataFrame"),
        (np.zeros(13), "patients: must be a DataFrame"),
        (3, "patients: must be a DataFrame"),
        (pd.DataFrame({"agee": [1]}), "agee: is not a feature"),
        (pd.DataFrame({"age": [50, 200]}), "patients[1].age: must be a number"),
        (np.full((1, 13), np.inf), "patients[0].age: must be a number"),
    ],
)
def test_what_is_no_table_of_patients_is_refused(model, patients, start):
    with pytest.raises(ClassifiersError) as caught:
        model.predict_proba(patients)
    assert str(caught.value).startswith(start)


def test_a_model_says_what_it_is_and_where_others_are(model):
    assert re.match(r"HeartModel\(\d+ networks, AUC 0\.\d\d \[0\.", repr(model))
    with pytest.raises(ArtifactError, match=r'from_pretrained\("user/heart", revision="v1"\)'):
        HeartModel.load("user/heart@v1")
    with pytest.raises(ClassifiersError, match="patient: must give values by feature name"):
        model.predict([61])


@pytest.fixture(scope="module")
def told_patients() -> tuple[pd.DataFrame, np.ndarray]:
    """300 made-up patients; the older of them are ill more often."""
    rng = np.random.default_rng(0)
    age = rng.integers(35, 78, 300)
    x = pd.DataFrame({"age": age, "sex": rng.integers(0, 2, 300), "cp": rng.integers(1, 5, 300)})
    return x, (rng.random(300) < (age - 30) / 60).astype(int)


def test_a_notebook_gets_figures_of_given_patients(model, told_patients):
    x, y = told_patients
    risk = model.predict_proba(x)[:, 1]
    curve = reliability_curve(Sample.draw(y, risk, stratified=False))
    drawn = {line.get_label(): line for line in model.plot_calibration(x, y).axes[0].get_lines()}
    expected = np.column_stack([curve.predicted, curve.observed])
    np.testing.assert_allclose(drawn["model"].get_xydata(), expected)
    lines = model.plot_net_benefit(x, pd.Series(y)).axes[0].get_lines()
    benefit = {line.get_label(): line.get_xydata() for line in lines}
    called = risk >= 0.5
    at = benefit["model"][benefit["model"][:, 0] == 0.5][0, 1]
    assert at == pytest.approx(((called & (y == 1)).sum() - (called & (y == 0)).sum()) / len(y))
    assert benefit["treat all"][0, 1] == pytest.approx(y.mean())
    assert np.isfinite(benefit["model"]).all()


def test_figures_say_what_is_wrong_in_a_sentence(model, told_patients, monkeypatch):
    x, y = told_patients
    for bad in (y[:-1], np.zeros(len(y)), y + 1, ["ill"] * len(y)):
        with pytest.raises(ClassifiersError, match=r"^y: must hold 0 and 1"):
            model.plot_calibration(x, bad)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (model.plot_calibration, model.plot_net_benefit):
        with pytest.raises(ClassifiersError, match=r"^matplotlib: is not installed .* pip install"):
            draw(x, y)


def test_a_notebook_is_told_what_a_model_is(model):
    shown = model._repr_html_()
    table = ElementTree.fromstring(shown)
    told = {row[0].text: row[1].text for row in table.iter("tr")}
    metadata = model.artifact.metadata
    assert told["networks"] == str(metadata.point_members)
    assert told["trained on"] == metadata.source.name
    area = metadata.evaluation["out_of_fold"]["metrics"]["auc"]
    assert told["auc, out of fold"].startswith(f"{area['value']:.2f}")
    assert told["sha256"] == model.artifact.sha256[:12]


@pytest.fixture(scope="module")
def from_hub(hub, tmp_path_factory) -> Iterator[Callable[..., str]]:
    """What a line prints in a process of its own; all have one cache, offline or not."""
    home = tmp_path_factory.mktemp("home")
    online, offline = Package(hub, home), Package(hub, home, HF_HUB_OFFLINE="1")
    yield lambda line, *, off=False: (offline if off else online)(line)
    online.close()
    offline.close()


def heart_files() -> dict[str, bytes]:
    heart = ROOT / "weights" / "heart"
    return {name: (heart / name).read_bytes() for name in ("metadata.json", "model.safetensors")}


def test_a_model_comes_from_the_hub_and_goes_there(hub, from_hub):
    repo = hub.add("user/heart", heart_files())
    load = 'print(HeartModel.from_pretrained("user/heart", revision="{}"))'
    first = from_hub(load.format("main"))
    assert first.startswith("HeartModel(")
    assert from_hub(load.format("main"), off=True) == first
    assert from_hub(load.format(repo.head)) == first
    hub.requests.clear()
    assert from_hub(load.format(repo.head)) == first
    assert hub.requests == []  # a commit is asked for once
    hub.add("user/unseen", heart_files())
    nothing = from_hub('HeartModel.from_pretrained("user/unseen")', off=True)
    assert "unset HF_HUB_OFFLINE" in nothing
    missing = from_hub('HeartModel.from_pretrained("user/none")')
    assert "check its name" in missing
    assert from_hub('HeartModel.from_pretrained("heart")').startswith(
        "ConfigError repo: must be user/name"
    )
    pushed = from_hub('print(HeartModel.load("weights/heart").push_to_hub("user/mine"))')
    assert re.fullmatch("[0-9a-f]{40}", pushed)
    again = from_hub('print(HeartModel.from_pretrained("user/mine"))')
    assert again == first


def test_what_is_pushed_is_what_the_script_pushes_but_for_pictures(hub, from_hub):
    line = 'HeartModel.load("weights/heart").push_to_hub("user/own")'
    assert from_hub(line) == ""
    tree = hub.repos["model", "user/own"].tree()
    names = {"metadata.json", "model.safetensors", "README.md", "config.json", ".gitattributes"}
    assert set(tree) == names
    assert b'HeartModel.from_pretrained("user/own")' in tree["README.md"]
    metadata = Metadata.parse(json.loads(tree["metadata.json"]), "metadata")
    assert tree["config.json"] == hub_config(metadata)
    hub.read_only = True
    told = from_hub(line)
    hub.heal()
    assert told.startswith("ArtifactError user/own: was not pushed: ")
    assert told.endswith(f"log in with a token that may write to it, see {hub.url}/settings/tokens")


def test_a_push_is_as_it_was_asked_for_and_overwrites_nobody(hub, from_hub):
    line = 'HeartModel.load("weights/heart").push_to_hub("user/shy", private=True, message="Mine")'
    hub.received.clear()
    assert from_hub(line) == ""
    repo = hub.repos["model", "user/shy"]
    assert repo.private
    assert any(b'"summary": "Mine"' in sent for sent in hub.received)
    repo.put({"README.md": b"theirs"})
    hub.fail("commit", before=lambda: repo.put({"metadata.json": b"theirs"}))
    told = from_hub(line)
    assert told.startswith("ArtifactError user/shy: was not pushed: ")
    assert repo.tree()["metadata.json"] == b"theirs"


@pytest.mark.parametrize(
    ("number", "config"), list(enumerate([None, b"{}", b"\x00 no JSON", "stalled", "503"]))
)
def test_a_load_is_counted_and_needs_nothing_of_what_counts_it(hub, from_hub, number, config):
    name, files = f"user/counted-{number}", heart_files()
    if config is not None:
        files["config.json"] = config if isinstance(config, bytes) else b"{}"
    head = hub.add(name, files).head
    asked = f"head HEAD /{name}/resolve/{head}/config.json"
    load = f'print(HeartModel.from_pretrained("{name}"))'
    if not isinstance(config, bytes) and config is not None:
        from_hub(load)  # so that the next one asks for the ref and for this file
        hub.fail("head", before=lambda: None)
        hub.fail("head", stall=config == "stalled", status=503)
    hub.requests.clear()
    start = time.monotonic()
    assert from_hub(load).startswith("HeartModel(")
    assert time.monotonic() - start < 20
    assert hub.requests.count(asked) == 1
    hub.heal()
    hub.requests.clear()
    from_hub(load, off=True)
    assert hub.requests == []


def test_an_altered_model_is_refused(hub, from_hub):
    files = heart_files()
    hub.add("user/bad", {**files, "model.safetensors": files["model.safetensors"][:-8]})
    told = from_hub('HeartModel.from_pretrained("user/bad")')
    assert told.startswith("ArtifactError user/bad@main: commit ")
    assert "is refused: model.safetensors" in told


@pytest.fixture
def command(monkeypatch, capsysbinary) -> Callable[..., tuple[int, str, str]]:
    """Runs `python -m classifiers` in this process: its exit code, and what it said."""

    def run_here(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["classifiers", *words])
        try:
            code = classifiers.__main__.main()
        except SystemExit as end:
            code = end.code
        return code, *(text.decode() for text in capsysbinary.readouterr())

    return run_here


def test_one_command_line(tmp_path, command):
    patients = tmp_path / "patients.csv"
    patients.write_text("age,sex\n61,male\n")
    told = warm().run("-m", "classifiers", "predict", str(patients), cwd=ROOT)
    assert told.stdout.splitlines()[0].startswith("age,sex,probability")
    assert command("predict", str(tmp_path / "none.csv"))[0] == 2
    code, _, error = command("predict", str(patients), "--threshold", "2")
    assert code == 2
    assert error.startswith("error: threshold: must be a number from 0 to 1")
    assert "capstone-sweeps" in command("train", "--help")[1]
    assert "capstone-sweeps" in warm().run("scripts/train.py", "--help", cwd=ROOT).stdout
