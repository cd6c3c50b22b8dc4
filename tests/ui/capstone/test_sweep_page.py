"""What the page asks for: a network again, a sweep of one's own, what ships, early stopping."""

import csv
import io
import json
import re
from types import SimpleNamespace
from typing import ClassVar

import gradio as gr
import numpy as np
import pytest

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.capstone.records import save_record
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.sweep.optimism import WAYS, describe_ways
from classifiers.recipes.sweep.run import run_sweep
from classifiers.turns import Expect
from classifiers.ui.capstone import early
from classifiers.ui.capstone.sweep import member, page
from classifiers.ui.capstone.sweep.ask import in_words, read_network, read_own, read_question
from classifiers.ui.capstone.sweep.member import compare, member_messages
from classifiers.ui.capstone.sweep.names import read_values
from tests.ui.capstone.swept import TINY, swept

# A network again.


@pytest.mark.parametrize(
    "asked",
    [
        {"values": [1, 6]},
        {"values": [1, 6], "new_points": False},
        {"over": "samples", "values": [40, 60]},
        {"over": "label_noise", "values": [0, 0.3]},
        {"over": "epochs", "values": [3, 11]},
        {"over": "batch_size", "values": [8, 42]},
        {"over": "dropout", "values": [0, 0.4]},
        {"over": "optimizer", "values": ["adam", "adamw"]},
        {"values": [1, 6], "base": {**TINY["base"], "training": {"early_stopping": {}}}},
        {"values": [1, 6], "and_over": "learning_rate", "and_values": [0.01, 0.1]},
    ],
    ids=lambda asked: asked.get("over", "width") + asked.get("and_over", ""),
)
def test_a_dot_is_that_very_network(asked):
    epochs = {} if asked.get("over") == "epochs" else {"epochs": 12}
    config, rows = swept({"members": 5, **epochs, **asked})
    index, member = config.count - 1, 3
    recorded = {
        part: rows[index][f"{part}_accuracy"]["members"][member]
        for part in ("train", "test", "fresh")
    }
    asked_for = {"config": config.to_dict(), "index": index, "member": member,
                 "asked": 7, "recorded": recorded}  # fmt: skip
    network = read_network(read_question(json.dumps(asked_for)))
    *_, last = (news for news in member_messages(network) if isinstance(news, str))
    told = json.loads(last)
    assert (told["asked"], told["state"]) == (7, "done")
    assert told["told"] == "Trained again just now: the same network, digit by digit."
    film = json.loads(told["film"])["stages"][0]
    assert film["frames"]["epochs"][-1] == config.setting(index).training.epochs
    other = read_network({**asked_for, "recorded": {**recorded, "test": recorded["test"] - 0.1}})
    *_, last = (news for news in member_messages(other) if isinstance(news, str))
    assert re.search(r"differ from the recorded ones: test \d", json.loads(last)["told"])


def test_how_far_a_network_again_is_and_its_film(monkeypatch):
    due = iter((True, False, True))

    class Film:
        taken: ClassVar[list[int]] = []

        def __init__(self, stages):
            assert stages == [""]

        def take(self, update):
            self.taken.append(update.epoch)

        def due(self):
            return next(due)

        def message(self, *state):
            return f"film {self.taken} {state}"

    ends = SimpleNamespace(final={}, fresh=None)
    news = [SimpleNamespace(epoch=at, epochs=4567, result=None) for at in (0, 7, 1234)]
    news.append(SimpleNamespace(epoch=4567, epochs=4567, result=ends))
    monkeypatch.setattr(member, "train_again", lambda scene: iter(news))
    monkeypatch.setattr(member, "Show", Film)
    monkeypatch.setattr(member, "compare", lambda result, recorded: f"{result is ends}, {recorded}")
    asked = {"config": SweepConfig.parse(TINY).to_dict(), "index": 0, "member": 0, "asked": 7,
             "recorded": {"train": 0.5}}  # fmt: skip
    _, *told = member_messages(read_network(asked))
    text = "Training it again: epoch {} of 4,567."
    whole = {"asked": 7, "state": "training"}
    assert [one and json.loads(one) for one in told] == [
        {**whole, "told": text.format(0), "film": "film [0] ()"},
        None,
        {**whole, "told": text.format("1,234"), "film": "film [0, 7, 1234] ()"},
        {"asked": 7, "state": "done", "told": "True, {'train': 0.5}",
         "film": "film [0, 7, 1234, 4567] ('done',)"},
    ]  # fmt: skip


def test_a_network_that_is_not_there_is_refused():
    config = SweepConfig.parse({**TINY, "values": [1, 2, 6], "members": 12})
    whole = {"config": config.to_dict(), "index": 0, "member": 0, "asked": 1, "recorded": {}}
    network = read_network(whole)
    assert network.index == 0
    assert next(member_messages(network)) == expect(config.setting(0))  # with its film
    for wrong in ({"index": 3}, {"member": 12}, {"index": True}, {"member": -1}, {"config": [1]}):
        with pytest.raises(ConfigError):
            read_network({**whole, **wrong})


# A visitor's own.

OWN = {"over": "width", "and_over": None, "values": "2, 4", "members": 3, "epochs": 5,
       "new_points": True, "card": False}  # fmt: skip


def test_the_boxes_become_a_sweep():
    config, card = read_own({"own": {**OWN, "new_points": False, "card": True}})
    assert (config.values, config.members, config.epochs, card) == ((2, 4), 3, 5, True)
    assert not config.new_points
    usual, _ = read_own({"own": {**OWN, "values": " ", "epochs": None}})
    assert usual.values == SweepConfig().values
    two, _ = read_own({"own": {**OWN, "and_over": "label_noise", "and_values": "0, 10 %"}})
    assert two.and_values == (0, 0.1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"values": "2, x"}, "Values: must be numbers, got 'x'"),
        ({"values": "2, 2"}, "Values, number 2: must not repeat"),
        ({"values": "0"}, "Values, number 1: "),
        ({"members": None}, "Worlds a value: "),
        ({"members": 0}, "Worlds a value: "),
        ({"epochs": 0}, "Epochs: "),
        ({"over": "colour"}, "What to vary: must be one of Width"),
        ({"and_over": "width", "and_values": ""}, "With: must differ from"),
        ({"and_over": "noise", "and_values": "0, -1"}, "Its values, number 2: "),
        ({"values": "1" * 500}, "Values: "),
    ],
)
def test_what_is_wrong_names_its_box(wrong, told):
    with pytest.raises(ConfigError) as caught:
        read_own({"own": {**OWN, **wrong}})
    assert in_words(caught.value).startswith(told)


def test_values_of_400_letters_are_read_and_of_one_more_are_not():
    text = "2, " * 133
    assert read_values("width", f"{text}8") == [2.0] * 133 + [8.0]
    with pytest.raises(ConfigError, match="at most 400 letters"):
        read_values("width", f"{text}16")


def test_questions_are_read_up_to_a_length():
    text = json.dumps({"key": "width"})
    assert read_question(text.ljust(19_999)) == {"key": "width"}
    for wrong in (text.ljust(20_000), "[1]", "[" * 9_999, "{", 3, None, ""):
        with pytest.raises(ConfigError, match="^question: must be what the page asks; reload"):
            read_question(wrong)


def test_of_what_was_recorded_shares_are_believed():
    config = SweepConfig.parse(TINY).to_dict()
    whole = {"config": config, "index": 0, "member": 0, "asked": 1}
    recorded = {"train": 1, "test": -1.01, "fresh": 0.5, "other": 0.25}
    assert read_network({**whole, "recorded": recorded}).recorded == {"train": 1.0, "fresh": 0.5}
    for odd in ({"train": 1.01, "test": "0.5", "fresh": None}, [0.5], None):
        assert read_network({**whole, "recorded": odd}).recorded == {}


def test_more_work_than_a_visitor_may_ask_for_names_boxes_too():
    config, _ = read_own({"own": {**OWN, "values": "256", "members": 60, "epochs": 2000}})
    with pytest.raises(BudgetError) as caught:
        next(run_sweep(config))
    text = in_words(caught.value)
    assert text.startswith("Epochs: ")
    assert "60 worlds" in text
    assert "members" not in text


def values_of(answer) -> dict:
    """What a listener gives the page, decoded."""
    given = {**answer.props, "value": answer.value}
    names = ("value", "told", "cost", "network")
    return {name: json.loads(given[name]) for name in names if given.get(name)}


def event(asked: dict) -> SimpleNamespace:
    return SimpleNamespace(_data=asked)


def test_a_run_of_the_page_grows_and_ends_in_findings(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_CACHE", tmp_path)
    answers = list(page._run(event({"own": {**OWN, "values": "1, 2, 3"}})))
    told = [values_of(answer) for answer in answers if isinstance(answer, gr.HTML)]
    sizes = [len(news["value"]["columns"]) for news in told if "value" in news]
    assert sizes == [0, 1, 2, 3, 3]
    assert told[-1]["told"]["status"] == "Done."
    assert told[-1]["value"]["findings"]["accuracy"]
    sequence = [news["value"]["sequence"] for news in told if "value" in news]
    assert len(set(sequence)) == len(sequence)


def test_how_far_a_run_is_counts_from_one():
    config, _ = read_own({"own": OWN})
    news = SimpleNamespace(index=1, epoch=1200)
    assert page._progress(config, news) == "Value 2 of 2, epoch 1,200…"


def leave(press: int) -> None:
    page._leave(event({"page": "mine", "press": press}))


def test_a_run_that_was_left_ends_even_before_it_began(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_CACHE", tmp_path)
    asked = {"own": {**OWN, "values": "1, 2, 3"}, "page": "mine"}
    run = page._run(event({**asked, "press": 1}))
    shown = [next(run) for _ in range(2)][-1]
    assert values_of(shown)["value"]["press"] == 1
    leave(1)
    assert list(run) == []
    leave(2)
    assert [type(news) for news in page._run(event({**asked, "press": 2}))] == [Expect]
    *_, last = page._run(event({**asked, "press": 3}))
    assert values_of(last)["told"] == {**values_of(last)["told"], "status": "Done.", "press": 3}


def test_a_network_that_was_left_is_not_trained_again():
    asked = {"config": SweepConfig.parse(TINY).to_dict(), "index": 0, "member": 0, "asked": 7,
             "recorded": {}, "page": "mine", "press": 11}  # fmt: skip
    assert len(list(page._train(event(asked)))) > 1
    leave(11)
    assert list(page._train(event(asked))) == []


def test_a_wrong_run_says_so_and_runs_nothing():
    [news] = page._run(event({"own": {**OWN, "epochs": 10**6}}))
    told = values_of(news)["told"]
    assert told["error"].startswith("Epochs: ")
    assert told["running"] is False


def test_what_is_too_much_is_said_before_it_is_asked_for_and_takes_no_place():
    asked = {"own": {**OWN, "values": "256", "members": 500, "epochs": 2000}}
    [news] = page._run(event(asked))
    refused = values_of(news)
    assert "value" not in refused
    assert refused["told"]["error"].startswith("Worlds a value: a sweep may take at most about")
    weighed = values_of(page._weigh(json.dumps(asked)))["cost"]
    assert weighed["error"] == refused["told"]["error"]
    assert "cost" not in weighed


def test_an_axis_that_was_not_measured_is_said_to_be(tmp_path, monkeypatch):
    (tmp_path / "capstone" / "records").mkdir(parents=True)
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    told = values_of(page._choose(json.dumps({"kind": "one", "key": "depth"})))["value"]
    assert told["said"] == "Not measured yet: run it yourself below."
    assert told["columns"] == []
    absent = json.loads(early._open())
    (why,) = absent.pop("findings")
    assert (list(absent), absent["rows"]) == (["sequence", "rows"], [])
    assert "optimism.json: cannot be read (No such file or directory); write it anew" in why
    assert str(tmp_path) not in why
    two = json.dumps({"kind": "two", "key": "width-samples"})
    told = values_of(page._choose(two))["value"]
    assert (told["kind"], told["choice"], told["said"][:12]) == (
        "two",
        "width-samples",
        "Not measured",
    )


def test_what_an_earlier_version_measured_is_as_good_as_not_measured(tmp_path, monkeypatch):
    config, rows = swept({"values": [1, 2], "members": 3, "epochs": 2})
    asked = {key: value for key, value in config.to_dict().items() if key != "new_points"}
    record = {"config": asked, "rows": list(rows.values()), "findings": ["The best is width 2."]}
    save_record(tmp_path / "capstone", "width", record)
    ways = {way: {"optimism": {"members": [0.1], "mean": 0.1}} for way in WAYS}
    save_record(tmp_path / "capstone", "optimism", {"ways": ways, "findings": []})
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    told = values_of(page._open())["value"]
    assert told["said"] == "Not measured yet: run it yourself below."
    assert (told["columns"], told["error"]) == ([], None)
    told = json.loads(early._open())
    assert told["rows"] == []
    assert told["findings"] == ["Not measured yet with this version of the app."]
    (tmp_path / "capstone" / "records" / "depth.json").write_text("{")
    told = values_of(page._choose(json.dumps({"kind": "one", "key": "depth"})))["value"]
    assert "is not a whole record" in told["error"]
    assert str(tmp_path) not in told["error"]


# Early stopping.


def test_the_picture_of_early_stopping_holds_every_world_and_the_paired_excess():
    random = np.random.default_rng(0)
    columns = {
        way: {
            "epoch": np.full(30, 100.0),
            "train_accuracy": np.full(30, 0.95),
            "test_accuracy": 0.89 + shift + 0.03 * random.standard_normal(30),
            "fresh_accuracy": 0.88 + 0.01 * random.standard_normal(30),
        }
        for way, shift in (("test", 0.02), ("validation", 0), ("none", -0.01))
    }
    result = {"members": 30, **describe_ways(columns)}
    told = early.picture(result)
    lucks = {way: c["test_accuracy"] - c["fresh_accuracy"] for way, c in columns.items()}
    wanted = [*lucks.values(), *(lucks[way] - lucks["none"] for way in ("test", "validation"))]
    for row, values in zip(told["rows"], wanted, strict=True):
        assert row["dots"] == pytest.approx(values, abs=1e-5)
        assert row["mean"] == pytest.approx(values.mean())
        half = 2.0452 * values.std(ddof=1) / 30**0.5  # Student's t, 29 degrees of freedom
        assert [row["low"], row["high"]] == pytest.approx(
            [values.mean() - half, values.mean() + half], abs=1e-5
        )
        assert row["text"].startswith(f"{100 * values.mean():+.1f} points (")
        assert all(told["range"][0] <= dot <= told["range"][1] for dot in row["dots"])
    lines = list(csv.DictReader(io.StringIO(told["csv"])))
    assert len(lines) == 90
    assert float(lines[31]["test_accuracy"]) == columns["validation"]["test_accuracy"][1]


@pytest.mark.parametrize(("away", "same"), [(9e-6, True), (1.5e-5, False), (-1.5e-5, False)])
def test_a_network_is_the_same_to_five_digits(away, same):
    now = {part: np.array([0.8125]) for part in ("train_accuracy", "test_accuracy")}
    told = compare(SimpleNamespace(final=now, fresh=None), {"train": 0.8125, "test": 0.8125 + away})
    assert ("digit by digit" in told) == same


def test_of_a_network_trained_again_the_numbers_of_now_come_first():
    now = {"train_accuracy": np.array([0.9]), "test_accuracy": np.array([0.8])}
    told = compare(SimpleNamespace(final=now, fresh=None), {"train": 0.9, "test": 0.7, "fresh": 1})
    assert "differ from the recorded ones: test 80.0 % in place of 70.0 %. " in told
