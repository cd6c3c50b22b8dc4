"""Weights that cannot be shown are not served, and no answer tells where they lie on the disk."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.errors import ArtifactError
from classifiers.ui import rehearsal
from classifiers.ui.heart.patient.form import Asked
from classifiers.ui.models import Served, load_ready, load_shipped
from classifiers.ui.rehearsal import rehearse
from tests.answers.thinned import hold
from tests.conftest import ROOT, Server
from tests.tools.app_client import Caller
from tests.tools.hub_client import copy_weights, settings
from tests.ui.test_app import post
from tests.ui.test_following import settled_at, wait_for

Change = Callable[[dict[str, Any]], Any]

BROKEN: dict[str, Change] = {
    "no audit": lambda m: m["evaluation"].pop("audit"),
    "an audit of another form": lambda m: m["evaluation"].update(audit=[1]),
    "experiments that are a list": lambda m: m["evaluation"].update(experiments=[1]),
    "experiments without methods": lambda m: m["evaluation"]["experiments"].pop("methods"),
    "features without meaning": lambda m: [f.pop("meaning") for f in m["features"]],
    "features without codes": lambda m: [f.pop("codes", None) for f in m["features"]],
    "an empty evaluation": lambda m: m.update(evaluation={}),
    "labels that are no classes": lambda m: m["evaluation"]["held_out"].update(labels=["a"]),
    "a seed beyond JSON": lambda m: m["seeds"].update(network=10**30),
    "half a character": lambda m: m["source"].update(name="\ud800"),
    "a threshold that is none": lambda m: m["evaluation"].update(threshold="half"),
}


def edit(folder: Path, change: Change) -> Path:
    path = folder / "metadata.json"
    metadata = json.loads(path.read_text())
    change(metadata)
    path.write_text(json.dumps(metadata))
    return folder


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_shown_is_refused_with_the_file_and_the_reason(kind, tmp_path):
    folder = edit(copy_weights(tmp_path / "heart"), BROKEN[kind])
    with pytest.raises(ArtifactError) as error:
        load_ready(folder, rehearse)
    assert error.value.field.endswith("metadata.json")
    assert re.search(r"cannot be|must", error.value.message)
    assert str(tmp_path) not in error.value.message


def test_weights_without_experiments_are_shown_as_such(tmp_path):
    folder = edit(copy_weights(tmp_path / "heart"), lambda m: m["evaluation"].pop("experiments"))
    assert load_ready(folder, rehearse).threshold == pytest.approx(1 / 3)


class Acts:
    """Each act of a rehearsal in place of the real one: it answers, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.bad: dict[str, Any] = {}
        self.model: Any = None
        for name in ("render_card", "heart_report", "show_table", "weigh", "show_prediction",
                     "record_page", "show_explanation", "show_importance", "lessons_picture",
                     "groups_picture"):  # fmt: skip
            monkeypatch.setattr(rehearsal, name, lambda *given, name=name: self.act(name, given))
        items = [
            SimpleNamespace(key=key, run=lambda *given, key=key: self.act(f"exercise {key}", given))
            for key in ("9", "11", "12")
        ]
        monkeypatch.setattr(rehearsal, "EXERCISES", items)

    def act(self, name: str, given: tuple[Any, ...] = ()) -> Any:
        """`done`: with what it was shown: the model, a patient, how it is served."""
        told = [
            "model" if one is self.model else
            [one.source, one.heart_model is self.model, one.error] if isinstance(one, Served) else
            asdict(one) if isinstance(one, Asked) else one for one in given
        ]  # fmt: skip
        self.done.append(f"{name}{told if told else ''}")
        answer = self.bad.get(name, "{}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def rehearse(self, *experiments: int) -> str:
        self.done.clear()
        metadata = SimpleNamespace(
            to_dict=lambda: self.act("to_dict"), evaluation={"experiments": list(experiments)}
        )
        self.model: Any = SimpleNamespace(artifact=SimpleNamespace(metadata=metadata))
        try:
            rehearse(self.model)
        except ArtifactError as error:
            return str(error)
        return "shown"


def test_what_is_rehearsed_and_what_is_said_of_what_cannot_be(snapshots, monkeypatch):
    acts = Acts(monkeypatch)
    for name, experiments in {"all": [1], "no experiments": []}.items():
        hold(snapshots, name, [acts.rehearse(*experiments), *acts.done])
    done = [name.partition("[")[0] for name in acts.done]
    for name in dict.fromkeys([*done, "lessons_picture", "exercise 11", "groups_picture"]):
        acts.bad = {name: KeyError("why")}
        hold(snapshots, name, acts.rehearse(1))
    found = {"too large": 10**30, "half a character": "\ud800", "numbers": np.ones(2),
             "words": "{}", "not JSON": "[NaN]", "no words": 3,
             "of files": ArtifactError("/a/b/c.json", "is not /d/e/f"),
             "long": ValueError("x" * 300)}  # fmt: skip
    for name, value in found.items():
        acts.bad = {"show_table": value} if name == "not JSON" else {"heart_report": value}
        hold(snapshots, name, acts.rehearse(1))


def answers(url: str) -> dict[str, str]:
    """What every endpoint says that looks at weights, and each private one that the page calls."""
    told = {
        name: json.dumps(post(url, name, json.dumps({"data": [None] * count})))
        for name, count in {
            "predict_heart": 14, "explain_heart": 14, "heart_report": 3, "model_info": 0,
        }.items()
    }  # fmt: skip
    for number in (9, 10, 11, 12):
        told[f"exercise {number}"] = json.dumps(
            post(url, "run_exercise", json.dumps({"data": [number]}))
        )
    caller = Caller(url)
    caller._connection.request("GET", "/config")
    config = caller._connection.getresponse().read().decode()
    told["config"] = config
    usual = {part["id"]: part["props"].get("value") for part in json.loads(config)["components"]}
    for function in json.loads(config)["dependencies"]:
        # Those of a tab that is opened, and of the page: they show the weights.
        shows = any(event in ("select", "load") for _, event in function["targets"])
        if shows and function["backend_fn"]:
            data = [usual[part] for part in function["inputs"]]
            told[f"function {function['id']}"] = caller.event(function["id"], data)
    return told


def no_paths(told: dict[str, str], *folders: Path) -> None:
    for name, text in told.items():
        for folder in (ROOT, Path.home(), *folders):
            assert not re.search(rf"{re.escape(str(folder))}[/\"']", text), (name, text[:2000])


def test_missing_weights_are_named_from_their_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    served = load_shipped(rehearse)
    assert served.source == f"{tmp_path.name}/heart"
    with pytest.raises(ArtifactError, match="^heart/model.safetensors: cannot be read") as error:
        _ = served.heart
    assert str(tmp_path) not in str(error.value)


def test_weights_and_commits_that_cannot_be_shown(hub, tmp_path):
    """A start with such weights; then the Hub has good ones, and others that are no better."""
    weights = Path(shutil.copytree(ROOT / "weights", tmp_path / "private" / "own"))
    edit(weights / "heart", BROKEN["no audit"])
    (weights / "capstone" / "records" / "width.json").write_text("{}")
    heart = ROOT / "weights" / "heart"
    good = {name: (heart / name).read_bytes() for name in ("metadata.json", "model.safetensors")}
    repo = hub.add("user/broken", good)
    hub.fail("head", status=503, times=10**6)
    server = Server(
        tmp_path,
        **settings(hub, tmp_path / "home"),
        HF_HUB_OFFLINE="0",
        WEIGHTS_DIR=str(weights),
        WEIGHTS_REPO="user/broken",
        WEIGHTS_POLL_SECONDS="0.1",
    )
    try:
        told = answers(server.url)
        status, quick = post(
            server.url, "train_playground", '{"data": [{"training": {"epochs": 1}}]}'
        )
        hub.heal()
        first = repo.head
        wait_for(lambda: post(server.url, "model_info", '{"data": []}')[0] == 200)
        commits = []
        for kind in list(BROKEN)[::6]:  # each was refused in process above
            folder = edit(copy_weights(tmp_path / kind), BROKEN[kind])
            repo.put({"metadata.json": (folder / "metadata.json").read_bytes()})
            commits.append(repo.head)
            wait_for(lambda: settled_at(server.url, repo.head))
        told_then = answers(server.url)
        info = Caller(server.url)("model_info")
    finally:
        server.stop()
    assert "metadata.json: its card cannot be shown (KeyError('audit'))" in told["predict_heart"]
    assert "metadata.json: its card cannot be shown" in told["model_info"]
    everything = "\n".join(told.values())
    assert "capstone/records/width.json: is not a whole record" in everything
    assert "own/heart" in everything
    no_paths(told, tmp_path, weights)
    assert status == 200, quick  # the rest of the app goes on
    assert info["commit"] == first
    assert list(info["hub"]["refused"]) == commits
    assert all(r.startswith("metadata.json: ") for r in info["hub"]["refused"].values())
    no_paths(told_then, tmp_path, weights)
    assert "Traceback" not in server.log.read_text()
    assert server.process.poll() == 0, "it ends when it is told to"
