"""What the commands that train are asked, pass on and say: held as it was looked at.

Nothing is trained: what they call is told what it was called with.
"""

import hashlib
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.command import train
from classifiers.errors import BudgetError, ConfigError, DataError
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

WORDS: list[list[str]] = [
    ["heart"], ["heart", "--data", "a.csv", "--decode", "kaggle", "--audit-only"],
    ["heart", "--units", "chol=mmol/l", "fbs=mg/dl", "--columns", "thalach=HF max", "--codes",
     "sex=1:male,2:female", "--accept-labels", "lesson", "--output", "there"],
    ["heart-experiments", "--data", "a.csv", "--sites", "folder"], ["capstone", "--output", "b"],
    ["capstone-worlds", "--workers", "3"], ["capstone-sweeps", "--workers", "1"],
    ["sweep", "--output", "c.json"],
    ["sweep", "--output", "c.json", "--config", "{}", "--workers", "2", "--scheduler", "tcp://a:1",
     "--device", "cpu", "--task-seconds", "2.5", "--halving"],
]  # fmt: skip

CARD = "classifiers.recipes.heart.card.write_card"


def plain(value: Any) -> Any:
    if callable(value):
        return value.__name__
    return str(value).replace(str(train.ROOT), "ROOT") if isinstance(value, Path) else value


def test_words_of_training_commands(snapshots, monkeypatch):
    monkeypatch.setattr(train.os, "cpu_count", lambda: 7)
    for words in WORDS:
        told = {name: plain(value) for name, value in vars(train.parse_args(words)).items()}
        hold(snapshots, " ".join(words), told)
    for given in (None, [], ["a=b", " c =d=e"], ["alone"], ["="]):
        hold(snapshots, f"pairs {given}", attempt(lambda g=given: train._pairs("--units", g)))
    for text in ("1:male,2:female", "1:", "?:male", "1", "", "1:a:b, 2 : c"):
        hold(snapshots, f"codes {text}", attempt(lambda t=text: train._codes(t)))


class Answer(io.BytesIO):
    def __init__(self, data: bytes, length: str | None) -> None:
        super().__init__(data)
        self.headers = {} if length is None else {"Content-Length": length}


def test_downloads(snapshots, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(train, "CACHE", tmp_path / "cache")
    data, url = b"x" * 10_000, "https://example.invalid/folder/file.data"
    right = hashlib.sha256(data).hexdigest()
    asked: list[Any] = []

    def opened(length: str | None) -> Any:
        return lambda url, timeout: asked.append([url, timeout]) or Answer(data, length)

    monkeypatch.setattr(train.urllib.request, "urlopen", opened("10000"))
    hold(snapshots, "altered", attempt(lambda: train.download(url, "0" * 64)))
    assert not (tmp_path / "cache").exists()
    path = train.download(url, right)
    assert path == tmp_path / "cache" / "file.data"
    assert path.read_bytes() == data
    assert [one.name for one in path.parent.iterdir()] == ["file.data"]
    assert train.download(url, right) == path
    path.write_bytes(b"torn")
    monkeypatch.setattr(train.urllib.request, "urlopen", opened(None))
    assert train.download(url, right).read_bytes() == data
    hold(snapshots, "asked", asked)
    hold(snapshots, "bars", capsys.readouterr().err.replace("\r", "\n").splitlines(), 30)
    hold(snapshots, "another file at UCI", attempt(train.download))

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(train.urllib.request, "urlopen", refused)
    told = attempt(lambda: train.download("https://example.invalid/other.data", right))
    hold(snapshots, "unreachable", told)
    hold(snapshots, "UCI out of reach", attempt(train.download))


def said(capsys: Any, *words: str) -> list[Any]:
    """The exit code of a command, and what it prints, without times."""
    code = train.run(train.parse_args(words))
    out, err = capsys.readouterr()
    return [code, re.sub(r"(?m)^[\d.]+ s$", "N s", out).splitlines(), err.splitlines()]


def test_what_training_commands_pass_on(snapshots, monkeypatch, capsys, tmp_path):
    asked: list[Any] = []

    def note(name: str) -> Any:
        def call(*given: Any, **more: Any) -> dict[str, Any]:
            more.pop("report", None)
            words = [str(plain(one)).replace(str(tmp_path), "TMP") for one in given]
            asked.append([name, [word[:60] for word in words], more])
            return {"findings": ["First.", "Second."]}

        return call

    monkeypatch.setattr(train, "CACHE", Path("cache"))
    monkeypatch.setattr("classifiers.recipes.capstone.weights.train_capstone", note("capstone"))
    monkeypatch.setattr("classifiers.recipes.capstone.worlds.record.write_worlds", note("worlds"))
    monkeypatch.setattr("classifiers.recipes.capstone.sweeps.write_sweeps", note("sweeps"))
    monkeypatch.setattr("classifiers.recipes.sweep.file.write_sweep", note("sweep"))
    file = tmp_path / "sweep.json"
    file.write_text(json.dumps({"over": "depth", "members": 1, "values": [1]}))
    commands = {
        "capstone": ["capstone", "--output", "a"],
        "worlds": ["capstone-worlds", "--output", "b", "--workers", "2"],
        "sweeps": ["capstone-sweeps", "--output", "c", "--workers", "2"],
        "file": ["sweep", "--output", "d.json", "--config", str(file)],
        "inline": ["sweep", "--output", "d.json", "--config", ' {"members": 2}', "--workers", "3",
                   "--task-seconds", "4", "--halving"],
        "usual": ["sweep", "--output", "d.json", "--scheduler", "tcp://a:1"],
        "no file": ["sweep", "--output", "d.json", "--config", "nowhere.json"],
        "no JSON": ["sweep", "--output", "d.json", "--config", "{bad"],
        "wrong": ["sweep", "--output", "d.json", "--config", '{"over": "colour"}'],
        "no card": ["sweep", "--output", "d.json", "--device", "gpu"],
        "no card for two": ["sweep", "--output", "d.json", "--device", "gpu", "--workers", "2"],
    }  # fmt: skip
    for name, words in commands.items():
        told = said(capsys, *words)
        hold(snapshots, name, told)
    hold(snapshots, "asked", asked)


def test_a_card_is_for_a_process_that_is_alone_or_where_it_is_named(monkeypatch, capsys):
    asked: list[str] = []

    def choose(choice: str, config: Any) -> str:
        asked.append(choice)
        return {"auto": "cuda"}.get(choice, choice)

    monkeypatch.setattr("classifiers.recipes.sweep.device.choose_device", choose)
    monkeypatch.setattr(
        "classifiers.recipes.sweep.file.write_sweep",
        lambda *_, device, **__: {"findings": [device]},
    )
    two, scheduler = ["--workers", "2"], ["--scheduler", "tcp://a:1"]
    told = []
    for words in ([], two, scheduler, ["--device", "cuda", *two], ["--device", "cpu"]):
        _, lines, _ = said(capsys, "sweep", "--output", "d.json", "--config",
                           '{"members": 1, "values": [3]}', *words)  # fmt: skip
        told.append(lines[:2])
    where = ["cuda", "cpu", "cpu", "cuda", "cpu"]
    assert told == [[f"1 setting x 1 member on {device}", device] for device in where]
    assert asked == ["auto", "cuda", "cpu"]


def test_what_stops_training_commands(snapshots, monkeypatch, capsys):
    for k, error in enumerate((
        ConfigError("workers", "must be fewer"), ConfigError("task_seconds", "must be more"),
        DataError("x.csv", "is empty"), BudgetError("epochs", "are too many"),
        OSError(28, "No space left on device", "out.json"), OSError("odd"), KeyboardInterrupt(),
    )):  # fmt: skip

        def stop(*_: Any, error: BaseException = error, **__: Any) -> None:
            raise error

        monkeypatch.setattr("classifiers.recipes.sweep.file.write_sweep", stop)
        told = said(capsys, "sweep", "--output", "d.json", "--config", '{"members": 1}')
        hold(snapshots, f"{k}. {type(error).__name__}", told)


def test_training_the_heart_model(snapshots, monkeypatch, capsys, tmp_path):
    rows = invent_patients(60, seed=2)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(to_csv(rows, [*UCI_HEADER]))
    bad.write_bytes(to_csv([[*row[:-1], "x"] for row in rows], [*UCI_HEADER]))

    def scores(base: float) -> dict[str, Any]:
        return {name: {"value": base + k / 50, "low": base + k / 50 - 0.1, "high": base + 0.05}
                for k, name in enumerate(("auc", "brier"))}  # fmt: skip

    evaluation = {
        name: {"metrics": scores(base), "logistic_regression": {
            "metrics": scores(base - 0.013), "difference": scores(base - 0.7)}}
        for name, base in (("out_of_fold", 0.8), ("held_out", 0.75))
    }  # fmt: skip
    made = SimpleNamespace(metadata=SimpleNamespace(evaluation=evaluation))
    asked: list[Any] = []

    def trained(table: Any, output: Path) -> Any:
        asked.append([len(table.x), str(output)])
        return made

    monkeypatch.setattr("classifiers.recipes.heart.artifact.train_heart", trained)
    monkeypatch.setattr(CARD, lambda output: asked.append(str(output)))
    for name, words in {
        "trained": ["heart", "--data", str(good), "--output", "there"],
        "audited": ["heart", "--data", str(good), "--audit-only"],
        "refused": ["heart", "--data", str(bad), "--output", "there"],
        "absent": ["heart", "--data", str(tmp_path / "none.csv")],
        "bad units": ["heart", "--data", str(good), "--units", "chol"],
    }.items():
        told = json.loads(json.dumps(said(capsys, *words)).replace(str(tmp_path), "TMP"))
        hold(snapshots, name, told, 90)
    hold(snapshots, "asked", asked)


def test_experiments_on_the_heart_model(model, snapshots, monkeypatch, capsys):
    asked: list[Any] = []
    monkeypatch.setattr("classifiers.data.heart.file.read_heart", lambda path: str(path))
    monkeypatch.setattr(train, "download", lambda: Path("downloaded.data"))

    def added(output: Path, *given: Any) -> Any:
        asked.append([str(output), *given])
        return model.artifact

    monkeypatch.setattr("classifiers.recipes.heart.experiments.run.add_experiments", added)
    monkeypatch.setattr(CARD, lambda output: asked.append(str(output)))
    told = said(capsys, "heart-experiments", "--output", "there")
    hold(snapshots, "without sites", [told[0], told[1][:6], told[2]])
    said(capsys, "heart-experiments", "--output", "there", "--data", "a.csv", "--sites", "folder")
    hold(snapshots, "asked", asked)
    with pytest.raises(SystemExit):
        train.parse_args(["heart", "--decode", "other"])


def test_what_is_said_of_a_file_is_said_to_both_who_read_it(monkeypatch, capsys):
    asked: list[Any] = []

    def noted(name: str, answer: Any = None) -> Any:
        return lambda path, *more, **options: asked.append([name, str(path), options]) or answer

    audit = SimpleNamespace(findings=[SimpleNamespace(message=one) for one in ("One.", "Two.")])
    part: Any = {"metrics": {}, "logistic_regression": {}}
    made = SimpleNamespace(
        metadata=SimpleNamespace(evaluation={"out_of_fold": part, "held_out": part})
    )
    monkeypatch.setattr("classifiers.data.heart.file.audit_heart", noted("audit", audit))
    monkeypatch.setattr("classifiers.data.heart.file.read_heart", noted("read", "a table"))
    trains = "classifiers.recipes.heart.artifact.train_heart"
    monkeypatch.setattr(trains, noted("train", made))
    monkeypatch.setattr(CARD, lambda output: asked.append(str(output)))
    monkeypatch.setattr("classifiers.compute.parallel.share_cores", lambda: asked.append("shares"))
    told = said(capsys, *WORDS[2], "--data", "a.csv", "--decode", "kaggle")
    assert told == [0, ["audit: One.", "audit: Two.", "N s"], []]
    options = {
        "accept_labels": "lesson", "decode": "kaggle",
        "units": {"chol": "mmol/l", "fbs": "mg/dl"}, "columns": {"thalach": "HF max"},
        "codes": {"sex": {"1": "male", "2": "female"}},
    }  # fmt: skip
    assert asked == ["shares", ["audit", "a.csv", options], ["read", "a.csv", options],
                     ["train", "a table", {}], "there"]  # fmt: skip
