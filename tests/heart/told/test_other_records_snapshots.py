"""What is told of the shipped model where its record says something else: held as looked at."""

import difflib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.artifacts import resave_artifact
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide import Sources, steps
from classifiers.recipes.heart import card, exercises, report
from classifiers.recipes.heart.card import name_repo, render_card
from classifiers.recipes.heart.experiments.group_rows import groups_picture
from classifiers.recipes.heart.experiments.rows import judge_alone, lessons_picture
from classifiers.recipes.heart.findings import describe_experiments
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record import luck, page, pictures
from classifiers.recipes.heart.record.method import describe_choices, describe_interval
from classifiers.recipes.heart.record.sample_size import describe_sample_size
from classifiers.recipes.heart.report import conclude, heart_report, parse_costs
from tests.answers.thinned import attempt, hold, unsized
from tests.conftest import ROOT
from tests.heart.told.records import (
    ENDS,
    Change,
    all_gaps,
    in_turn,
    mirrored,
    no_harm,
    with_evaluation,
)

RECORDS: dict[str, Change] = {name: all_gaps(name) for name in ENDS}
RECORDS |= {"mirrored": mirrored, "in turn": in_turn, "no harm": no_harm}


def rows_of(picture: dict[str, Any]) -> list[Any]:
    """A line of lessons each: what is asked, answered and drawn."""
    told: list[Any] = [picture["lead"], picture["tally"]]
    for section in picture["sections"]:
        for row in section["rows"]:
            drawn = [row[name] and row[name]["text"] for name in ("accuracy", "log_loss")]
            ends = [row[name] and [row[name]["low"], row[name]["apparent"]]
                    for name in ("accuracy", "log_loss")]  # fmt: skip
            told.append([row["key"], row["chip"], row["answer"], drawn, ends])
    return told


def test_lessons_of_other_records(model, snapshots):
    for name, change in RECORDS.items():
        other = with_evaluation(model, change)
        hold(snapshots, f"{name}: lessons", rows_of(lessons_picture(other)), 60)
        hold(snapshots, f"{name}: size", describe_sample_size(other)[-1])
        found = {item["key"]: item["findings"] for item in describe_experiments(other)}
        same = {item["key"]: item["findings"] for item in describe_experiments(model)}
        changed = {key: texts for key, texts in found.items() if texts != same[key]}
        hold(snapshots, f"{name}: findings", changed)


def step_answers(other: Any) -> dict[str, Any]:
    """What steps that read the record say of it."""
    sources = Sources(lambda: other, lambda: ROOT / "weights" / "capstone")
    told = {}
    for key in ("h1", "h2", "h3", "h5"):
        one = steps()[key]
        *_, measured = one.measure(sources)
        shown = one.shows and one.shows(measured).to_dict()
        told[key] = [one.judge(measured), list(one.tell(measured)), shown]
    return told


def test_steps_of_other_records(model, snapshots):
    for name, change in RECORDS.items():
        hold(snapshots, name, step_answers(with_evaluation(model, change)))

    def fewer_ill(evaluation: dict[str, Any]) -> None:
        labels = evaluation["out_of_fold"]["labels"]
        labels[:] = [int(i % 9 == 0) for i in range(len(labels))]
        evaluation["counts"]["cp"].update(with_disease=[2, 5, 7, 9], without_disease=[20, 10, 7, 2])

    def nobody_ill(evaluation: dict[str, Any]) -> None:
        labels = evaluation["out_of_fold"]["labels"]
        labels[:] = [int(i % 3 > 0) for i in range(len(labels))]
        repeats = evaluation["experiments"]["defects"]["duplicates"]
        repeats.update(network=0.3, test_rows_seen_in_training=0.0)

    def level_copies(evaluation: dict[str, Any]) -> None:
        clean = evaluation["experiments"]["methods"]["lesson"]["test_accuracy"]["mean"]
        evaluation["experiments"]["defects"]["duplicates"]["network"] = clean + 0.001

    for name, change in (("few ill", fewer_ill), ("most ill", nobody_ill), ("level", level_copies)):
        hold(snapshots, name, step_answers(with_evaluation(model, change)))


def test_what_dropout_and_prices_would_be_told_to_do(model, snapshots):
    sources = Sources(lambda: model, lambda: ROOT / "weights" / "capstone")
    dropout, prices, errors = (steps()[key] for key in ("h4", "h9", "h8"))
    *_, measured = dropout.measure(sources)
    for low, high in ((0.96, 0.99), (0.5, 0.94), (0.9, 0.97), (0.95, 0.95)):
        methods = {
            key: {
                **method,
                "train_accuracy": {**method["train_accuracy"], "low": low, "high": high},
            }
            for key, method in measured["methods"].items()
        }
        for steady in (True, False):
            other = {
                **measured,
                "methods": methods,
                "steady": dict.fromkeys(("train", "eval"), steady),
            }
            hold(snapshots, f"dropout {low} {high} {steady}",
                 [dropout.judge(other), list(dropout.tell(other))[-1]])  # fmt: skip
    *_, priced = prices.measure(sources)
    for low, value, high in (
        (0.1, 0.3, 0.6),
        (0.3, 1 / 3, 1 / 3),
        (0.0, 0.5, 1.0),
        (0.4, 0.5, 0.6),
    ):
        for saved in ENDS.values():
            fresh = dict(zip(("value", "low", "high"), saved, strict=True))
            saving = {**priced["best"]["savings"]["half"], "fresh": fresh, "distinguishable": True}
            best = {**priced["best"], "low": low, "high": high, "value": value,
                    "savings": {"theoretical": saving, "half": saving}}  # fmt: skip
            other = {**priced, "best": best}
            told = [prices.judge(other), list(prices.tell(other))]
            hold(snapshots, f"priced {low} {value:.2f} {high}, {saved}", told)
    *_, counted = errors.measure(sources)
    for missed, alarms, chance in ((3, 9, 0.05), (9, 3, 0.04), (5, 5, 1.0), (2, 12, 0.049)):
        part = {**counted["held_out"], "missed": missed, "alarms": alarms, "chance": chance}
        other = {**counted, "held_out": part}
        hold(
            snapshots, f"errors {missed} {alarms}", [errors.judge(other), list(errors.tell(other))]
        )


def test_groups_of_other_records(model, snapshots):
    def apart(evaluation: dict[str, Any]) -> None:
        found = evaluation["experiments"]
        groups = [*found["slices"], *found["sites"].values()]
        whole = evaluation["out_of_fold"]["metrics"]["auc"]
        areas = ((0.5, 0.4, 0.6), (0.99, 0.98, 1.0), (0.9, 0.85, 0.95), (0.93, 0.92, 0.94),
                 (0.96, whole["high"], 0.97), (0.8, 0.7, whole["low"]))  # fmt: skip
        for i, group in enumerate(groups):
            group["auc"].update(zip(("value", "low", "high"), areas[i % 6], strict=True))
            said = (0.005, *group["observed"].values(), 0.999)
            group["predicted"]["value"] = said[i % 5]
        for i, site in enumerate(found["sites"].values()):
            ends = ((0.4, 0.1, 0.7), (-0.4, -0.7, -0.1), (0.1, -0.2, 0.4))[i]
            site["calibration_intercept"].update(zip(("value", "low", "high"), ends, strict=True))
            site["filled_with_medians"]["log_loss"] = site["log_loss"] + (0.1, -0.1, 0.0)[i]

    def alone(evaluation: dict[str, Any]) -> None:
        found = evaluation["experiments"]
        found["sites"] = {"elsewhere": found["sites"]["va"]}
        del found["sites"]["elsewhere"]["filled_with_medians"]

    def nowhere(evaluation: dict[str, Any]) -> None:
        evaluation["experiments"]["sites"] = {}

    for name, change in (("apart", apart), ("alone", alone), ("nowhere", nowhere)):
        other = with_evaluation(model, change)
        picture = groups_picture(other)
        hold(snapshots, f"{name}: groups", picture, 20)
        hold(snapshots, f"{name}: purpose", page._purpose(picture["rows"]))
        sites = [one for one in describe_experiments(other) if one["key"] == "sites"]
        hold(snapshots, f"{name}: sites", [one["findings"] for one in sites])


def shown_of(other: Any) -> dict[str, Any]:
    figures = page._ranking(other), page._accuracy(other), page._brier(other)
    return {one["key"]: {k: v for k, v in one.items() if k != "sets"} for one in figures}


def test_record_pages_of_other_records(model, snapshots, monkeypatch):
    sets = page.random_test_sets(model)

    def luck(**more: Any) -> None:
        monkeypatch.setattr(page, "random_test_sets", lambda _: {**sets, **more})

    for easy in (True, False):
        luck(easy=easy)
        for name in ("all above", "all below", "wide"):
            hold(snapshots, f"{name}, easy {easy}", shown_of(with_evaluation(model, RECORDS[name])))

    def more_ill(evaluation: dict[str, Any]) -> None:
        labels = evaluation["out_of_fold"]["labels"]
        labels[:] = [int(i % 5 > 0) for i in range(len(labels))]
        evaluation["audit"]["missing"] = dict.fromkeys(evaluation["audit"]["missing"], 0)

    other = with_evaluation(model, more_ill)
    hold(snapshots, "more ill", [shown_of(other), page._patients(other, page._groups(other))])
    hold(snapshots, "usual", page._patients(model, page._groups(model)))
    even = with_evaluation(model, lambda told: told["out_of_fold"].update(labels=[0, 1] * 150))
    hold(snapshots, "half ill", page._accuracy(even)["note"])
    groups = [{"patients": n, "predicted": said, "observed": {"low": 0.2, "high": 0.4}}
              for n, said in ((30, 0.2), (31, 0.3), (30, 0.41), (30, 0.4))]  # fmt: skip
    for some in (groups, groups[:2], groups * 3, groups[2:3]):
        hold(snapshots, f"{len(some)} groups", page._calibration(some))
    tables = [page.explorer_table(model)["thresholds"][:6]] * 4
    for ahead in ([0] * 6, [1] * 6, [1, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 1], [1, 1, 0, 1, 1, 0]):
        folded = {"treat_all": [0.2, 0.1, 0.0, -0.1, -0.2, -0.3],
                  "net_benefit": {"low": np.where(ahead, 0.3, -0.01).tolist()}}  # fmt: skip
        told = page._benefit({"thresholds": tables[0], "out_of_fold": folded})
        hold(snapshots, f"ahead {ahead}", told)


def test_cards_of_other_records(model, snapshots, monkeypatch):
    usual = render_card(model).splitlines()
    sets = card.random_test_sets(model)
    monkeypatch.setattr(card, "random_test_sets", lambda _: {**sets, "easy": not sets["easy"]})
    parts = report.evaluated_parts(model)
    monkeypatch.setattr(report, "evaluated_parts", lambda _: parts)

    def bare(evaluation: dict[str, Any]) -> None:
        for key in ("experiments", "patterns", "importance", "decision_rule", "interval"):
            del evaluation[key]
        evaluation["audit"]["missing"] = {}
        evaluation["audit"]["findings"] = []

    def lessons(evaluation: dict[str, Any]) -> None:
        evaluation["costs"] = {"false_negative": 5.0, "false_positive": 2.0}
        evaluation["audit"]["findings"] *= 2

    for name, change in (("bare", bare), ("others", lessons)):
        text = render_card(with_evaluation(model, change), pictures=name == "others")
        changed = difflib.unified_diff(usual, text.splitlines(), n=0, lineterm="")
        snapshots.hold(name, [line for line in changed if line[:2] != "@@"], alone=True)
    named = name_repo("\n".join(usual).encode(), "somebody/heart").decode()
    hold(snapshots, "named", [line for line in named.splitlines() if "pretrained" in line])


def test_methods_that_are_told(model, snapshots):
    training = model.artifact.metadata.training
    lesson = {"widths": (32,), "dropout": 0.5, "activation": "relu"}
    for network, changed in (({}, {}), (lesson, {"batch_size": None, "l2": 0.5}),
                             (lesson, {"learning_rate": 0.001, "epochs": 50, "batch_size": 32,
                                       "optimizer": "adam", "l2": 0.0})):  # fmt: skip
        metadata = model.artifact.metadata.model_copy(update={
            "network": model.artifact.metadata.network.model_copy(update=network),
            "training": training.model_copy(update=changed)})  # fmt: skip
        other = with_evaluation(model, lambda _: None)
        object.__setattr__(other.artifact, "metadata", metadata)
        hold(snapshots, f"choices {len(changed)}", describe_choices(other))
    whole = model.artifact.metadata.evaluation["interval"]
    for k, record in enumerate((None, {"factor": 1.25}, {"factor": 1.25, "slope": 0.2},
                   {**whole, "simulation": whole["simulation"][:1]}, whole)):  # fmt: skip
        hold(snapshots, f"interval {k}", describe_interval(record))
    alone = [judge_alone(value, 0.02, apparent=apparent) for apparent in (False, True)
             for value in (-0.03, -0.02, 0.0, 0.02, 0.021)]  # fmt: skip
    hold(snapshots, "alone", alone)


@pytest.mark.parametrize("costs", [(2, 1), (1, 0), (0, 1), (1, 1), (7, 3), (100, 1), (1, 300)])
def test_conclusions(model, snapshots, costs):
    told = heart_report(model, 0.4, *costs)
    hold(snapshots, "report", [told["best_threshold"], told["conclusion"], told["findings"]])
    best = told["best_threshold"]
    for low, value, high in ((0.1, 0.3, 0.6), (0.3, 0.3, 0.3), (0.62, 0.7, 0.8)):
        for saved, sure in ((0.02, True), (-0.02, True), (0.0, False)):
            fresh = {"value": saved, "low": saved - 0.01, "high": saved + 0.01}
            saving = {**best["savings"]["theoretical"], "fresh": fresh, "distinguishable": sure}
            other = {**best, "low": low, "high": high, "value": value,
                     "savings": {"theoretical": saving}}  # fmt: skip
            hold(snapshots, f"{low} {value} {high} {saved}", conclude(other, costs))


def test_costs_that_are_refused(snapshots):
    odd: list[Any] = [None, 0, 0.5, 1e6, 1e6 + 1, -1, True, "2", float("nan"), [1]]
    told = [attempt(lambda a=a, b=b: parse_costs(a, b, (2.0, 1.0))) for a in odd for b in (None, 0)]
    hold(snapshots, "costs", told, 30)
    told = [attempt(lambda b=b: parse_costs(0, b, (2.0, 1.0))) for b in odd]
    hold(snapshots, "of alarms", told, 30)


def test_exercises_at_other_costs(model, snapshots):
    for number, given in ((9, (0.0,)), (9, (1.0,)), (10, (0.2, 1, 0)), (10, (0.9, 0, 1))):
        told = attempt(lambda number=number, given=given: exercise(number).run(model, *given))
        text = told if isinstance(told, str) else told["findings"]
        hold(snapshots, f"{number} {given}", text)


def test_held_out_patients_are_easy_where_others_networks_find_them_so(model, monkeypatch):
    monkeypatch.setattr(luck, "SETS", 20)

    def easy(held_out: float, everybody: float) -> Any:
        def change(evaluation: dict[str, Any]) -> None:
            for part, value in (("held_out", held_out), ("out_of_fold", everybody)):
                evaluation[part]["metrics"]["auc"]["value"] = value

        return luck.random_test_sets(with_evaluation(model, change))

    same = easy(0.9, 0.9)["same_patients"]
    for nearer, farther in ((-0.01, -0.02), (0.01, 0.02), (-0.01, 0.02), (0.01, -0.02)):
        assert easy(same + nearer, same + farther)["easy"]
        assert not easy(same + farther, same + nearer)["easy"]


def test_a_model_that_is_another_after_saving_is_said_to_be(model, snapshots, monkeypatch):
    def resave(artifact: Any, folder: str, **more: Any) -> Any:
        saved = resave_artifact(artifact, folder, **more)
        network = saved.network.copy()
        network.layers[-1].bias.add_(0.25)
        return replace(saved, network=network)

    monkeypatch.setattr(exercises, "resave_artifact", resave)
    told = exercise(12).run(model)
    hold(snapshots, "after", [unsized(told["findings"]), told["results"]["before"],
         told["results"]["after"], told["results"]["equal"]])  # fmt: skip


def test_what_pictures_are_drawn_of(model, snapshots, monkeypatch):
    def drawn(*given: Any, **more: Any) -> Any:
        return [*given, more]

    kinds = dict.fromkeys(("calibration", "decision_curve", "histogram"), drawn)
    monkeypatch.setattr(pictures, "plots", SimpleNamespace(**kinds))
    for name, draw in pictures.PICTURES.items():
        hold(snapshots, name, draw(model), 7)


def test_what_the_hub_is_asked_for_and_sent(model, monkeypatch, tmp_path):
    asked: list[Any] = []

    def pushed(repo: str, files: dict[str, bytes], **more: Any) -> str:
        asked.append([repo, sorted(files), more])
        return "a commit"

    monkeypatch.setattr("classifiers.hub.push", pushed)
    assert model.push_to_hub("user/one") == "a commit"
    model.push_to_hub("user/two", private=True, message="Own words")
    files = ["README.md", "config.json", "metadata.json", "model.safetensors"]
    assert asked == [["user/one", files, {"private": False, "message": "Push a heart model"}],
                     ["user/two", files, {"private": True, "message": "Own words"}]]  # fmt: skip
    monkeypatch.setattr("classifiers.hub.fetch", lambda *given: given)
    usual, own = (HeartModel.from_pretrained("user/one", **more) for more in
                  ({}, {"revision": "v2", "cache": str(tmp_path)}))  # fmt: skip
    assert [told[0].ref for told in (usual, own)] == ["main", "v2"]
    assert [told[3] for told in (usual, own)] == [None, tmp_path]
    for told in (usual, own):
        assert told[0].repo == "user/one"
        assert told[1:3] == (("metadata.json", "model.safetensors"), HeartModel.load)
        assert told[4] == "config.json"
