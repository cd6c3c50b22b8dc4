"""What the app is started with: weights ready for whoever asks first, or a sentence."""

import itertools
import os
from types import SimpleNamespace
from typing import Any
from unittest.mock import PropertyMock

import pytest

from classifiers.artifacts import load_artifact, resave_artifact
from classifiers.errors import ArtifactError
from classifiers.hub import Following, Revision
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.report import (
    evaluated_parts,
    heart_report,
)
from classifiers.ui import app, models
from classifiers.ui.models import Served, ServedModels, load_ready
from tests.conftest import ROOT
from tests.processes.warm import warm

HEART = ROOT / "weights" / "heart"


def test_a_loaded_version_has_its_reports_ready():
    model = load_ready(HEART)
    tables = (evaluated_parts, explorer_table)
    before = [table.cache_info().misses for table in tables]
    assert all("grid" in vars(part.sample) for part in evaluated_parts(model).values())
    explorer_table(model)
    heart_report(model, 0.3, 5, 1)
    assert [table.cache_info().misses for table in tables] == before


def test_what_is_served_is_one_version_though_another_comes_at_every_look():
    moving = type("Moving", (), {"revision": Revision("user/heart")})
    states = (Following(f"model {n}", f"{n}", problem=f"problem {n}") for n in itertools.count())
    moving.state = PropertyMock(side_effect=states)
    served = ServedModels(lambda: SimpleNamespace(), moving())()
    number = served.commit
    assert served.heart_model == f"model {number}"
    assert served.source == f"user/heart@{number}"
    assert served.hub["problem"] == f"problem {number}"


def test_without_any_model_the_reason_is_the_shipped_ones():
    error = ArtifactError("metadata.json", "is not JSON")
    following = SimpleNamespace(state=Following(), revision=Revision("user/heart"))
    served = ServedModels(lambda: Served("weights/heart", None, error), following)()
    with pytest.raises(ArtifactError, match="^metadata.json: is not JSON"):
        _ = served.heart
    assert served.hub["repo"] == "user/heart@main"


def test_a_version_that_no_report_can_be_made_of_is_refused(tmp_path):
    artifact = load_artifact(HEART)
    record = dict(artifact.metadata.evaluation)
    record["held_out"] = {k: v for k, v in record["held_out"].items() if k != "rows"}
    resave_artifact(artifact, tmp_path, evaluation=record)
    with pytest.raises(ArtifactError, match="^metadata.json: evaluation must hold"):
        load_ready(tmp_path)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"WEIGHTS_REPO": "nonsense"}, "WEIGHTS_REPO: must be user/name, user/name@ref or"),
        ({"WEIGHTS_DIR": "no/such/folder"}, "WEIGHTS_DIR: must be a folder of weights, got 'no/su"),
        (
            {"WEIGHTS_REPO": "user/name", "WEIGHTS_POLL_SECONDS": "often"},
            "WEIGHTS_POLL_SECONDS: must be a number of seconds above 0, up to 86400, got 'often'",
        ),
    ],
    ids=["repo", "folder", "seconds"],
)
def test_a_bad_setting_ends_the_start_in_one_sentence(variables, words):
    run = warm().run("app.py", cwd=ROOT, env={**os.environ, **variables})
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].startswith(f"error: {words}")
    assert "Traceback" not in run.stderr


def test_a_repo_is_followed_as_it_was_asked_for(monkeypatch):
    begun: list[Any] = []

    class Followed:
        def __init__(self, *given: Any, **how: Any) -> None:
            begun.append([*given, how])

        def start(self) -> None:
            begun.append("started")

    def rehearse(model: Any) -> None:
        pass

    monkeypatch.setenv("WEIGHTS_REPO", "user/w@v1")
    monkeypatch.setenv("WEIGHTS_POLL_SECONDS", "7")
    monkeypatch.setattr(models, "Follower", Followed)
    monkeypatch.setattr(models, "load_ready", lambda folder, rehearse: [folder, rehearse])
    monkeypatch.setattr(models, "load_shipped", lambda rehearse: ["shipped", rehearse])
    served = models.serve_models(rehearse)
    (revision, files, load, how), started = begun
    assert (str(revision), files) == ("user/w@v1", ("metadata.json", "model.safetensors"))
    assert (how, started) == ({"period": 7.0}, "started")
    assert load("a folder") == ["a folder", rehearse]
    assert served._shipped() == ["shipped", rehearse]
    monkeypatch.delenv("WEIGHTS_REPO")
    assert models.serve_models(rehearse)() == ["shipped", rehearse]
    assert len(begun) == 2


def test_cores_are_shared_before_anything_is_built(monkeypatch):
    def share() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "share_cores", share)
    monkeypatch.setattr(app, "serve_models", lambda _: 1 / 0)
    with pytest.raises(KeyboardInterrupt):
        app.build_app()
