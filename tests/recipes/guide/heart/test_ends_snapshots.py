"""What the heart's steps judge and tell of measurements that were made up, and at the ends of each
range: held as looked at."""

from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.errors import DataError
from classifiers.recipes.guide.heart import decision, keeping, method, patient, records, table
from tests.answers.thinned import hold
from tests.recipes.guide.heart.by_hand import BY_KEY


def said(key: str, measured: Any) -> list[Any]:
    one = BY_KEY[key]
    shown = one.shows and one.shows(measured)
    return [one.judge(measured), list(one.tell(measured)), shown and shown.to_dict()]


def gap(low: float, high: float, value: float | None = None) -> dict[str, float]:
    return {"value": (low + high) / 2 if value is None else value, "low": low, "high": high}


GAPS = {"above": gap(0.004, 0.02), "from zero on": gap(0.0, 0.02), "around": gap(-0.004, 0.006),
        "up to a point": gap(-0.01, 0.01), "beyond": gap(-0.003, 0.011),
        "below": gap(-0.02, -0.004), "beneath": gap(-0.011, 0.003),
        "up to zero": gap(-0.02, 0.0)}  # fmt: skip


def summary(middle: float) -> dict[str, float]:
    return {"mean": middle, "sd": 0.021, "low": middle - 0.05, "high": middle + 0.04}


def test_leaks_that_were_made_up(snapshots, monkeypatch):
    copies = {"test_rows_seen_in_training": 0.87, "network": 0.95, "memorising_network": 0.99,
              "forest": 0.98, "forest_without_duplicates": 0.83}  # fmt: skip
    usual = {"clean": 0.81, "copies": copies, "copied": 0.14, "doubt": 0.03, "splits": 45}
    for name, scaler in GAPS.items():
        hold(snapshots, name, said("h3", {**usual, "scaler": scaler})[:2])
    cases = {copied: BY_KEY["h3"].judge({**usual, "scaler": GAPS["around"], "copied": copied})
             for copied in (-0.031, -0.03, 0.0, 0.03, 0.031)}  # fmt: skip
    hold(snapshots, "copies", cases)
    methods = {
        name: {"difference": {"test_accuracy": gap(low, high)}, "test_accuracy": summary(mean)}
        for name, low, high, mean in (("lesson", 0.0, 0.0, 0.8), ("scaler_before_split", -0.01,
                                      0.03, 0.7), ("other", -0.06, 0.01, 0.6))
    }  # fmt: skip
    record = {"methods": methods, "defects": {"duplicates": copies}, "splits": 45}
    monkeypatch.setattr(method, "experiments", lambda sources: record)
    hold(snapshots, "read", method._leaks(None))


def test_dropouts_that_were_made_up(snapshots):
    def trained(middle: float, epochs: int, shift: float) -> dict[str, Any]:
        difference = {"test_accuracy": gap(-0.04 + shift, -0.01 + shift),
                      "test_log_loss": gap(0.1 + shift, 0.3 + shift)}  # fmt: skip
        return {"train_accuracy": summary(middle), "test_accuracy": summary(middle - 0.1),
                "epochs": epochs, "difference": difference}  # fmt: skip

    told = {
        "methods": {
            ("with", "short"): trained(0.85, 51, 0.0), ("no", "short"): trained(0.88, 52, 0.01),
            ("with", "long"): trained(0.92, 503, 0.02), ("no", "long"): trained(1.0, 504, 0.025),
        },
        "splits": 45, "expected": 0.98, "share": 0.35, "asked": 123,
        "risks": {"train": [0.31, 0.12, 0.55, 0.47], "eval": [0.4321, 0.4321]},
        "steady": {"train": False, "eval": True},
    }  # fmt: skip
    hold(snapshots, "dropout", said("h4", told))
    turned = {"train": [0.2, 0.2], "eval": [0.61, 0.33, 0.58]}
    steady = {"train": True, "eval": False}
    hold(snapshots, "the other way round", said("h4", {**told, "risks": turned, "steady": steady}))
    ends = {f"{low} to {high}": method._reaches({"low": low, "high": high})
            for low, high in ((0.95, 1.0), (0.949, 1.0), (0.9, 0.95), (0.9, 0.949))}  # fmt: skip
    hold(snapshots, "ends", ends)


def test_a_rise_of_up_to_a_point_is_a_tiny_one():
    told = [method._ruled_out(gap(-0.01, high)) for high in (method.POINT, method.POINT + 1e-9)]
    assert [text.split(" ")[:2] for text in told] == [["so", "a"], ["which", "leaves"]]


def test_layers_that_were_made_up(snapshots):
    def network(parameters: int, middle: float, difference: dict[str, float]) -> dict[str, Any]:
        scores = {"train_accuracy": summary(middle + 0.07), "test_accuracy": summary(middle)}
        return {"parameters": parameters, "difference": {"test_accuracy": difference}, **scores}

    usual = {"tested": 61, "trained": 243, "one": network(1234, 0.81, gap(0, 0))}
    for name, difference in GAPS.items():
        told = said("h5", {**usual, "two": network(56789, 0.83, difference)})
        hold(snapshots, name, told if name == "above" else told[:1])
    hold(snapshots, "sides", {name: records.side(one) for name, one in GAPS.items()})


def part(patients: int, missed: int, alarms: int, chance: float) -> dict[str, Any]:
    return {"patients": patients, "missed": missed, "alarms": alarms, "chance": chance,
            "found": gap(0.71, 0.9 + 5 / patients, 0.86),
            "spared": gap(0.61, 0.82, 0.7 + 9 / patients)}  # fmt: skip


def test_calls_that_were_made_up(snapshots):
    few, many = part(61, 7, 9, 0.8), part(303, 41, 12, 0.003)
    calls = {"threshold": 0.27, "held_out": few, "out_of_fold": many}
    hold(snapshots, "calls", said("h8", calls))
    swapped = {**calls, "held_out": many, "out_of_fold": few}
    hold(snapshots, "swapped", said("h8", swapped)[:2])
    ends = {chance: BY_KEY["h8"].judge({**calls, "held_out": part(61, 2, 9, chance)})
            for chance in (0.0499, 0.05)}  # fmt: skip
    hold(snapshots, "ends", ends)


def test_prices_that_were_made_up(snapshots):
    def priced(theory: dict[str, float], half: dict[str, float], **more: Any) -> dict[str, Any]:
        best = {"theoretical": 0.34, "value": 0.21, "low": 0.08, "high": 0.46, "patients": 303,
                "savings": {"theoretical": {"fresh": theory}, "half": {"fresh": half}}}  # fmt: skip
        costs = {"out_of_fold": [0.43, 0.31, 0.29, 0.38], "held_out": [0.4, 0.35, 0.27, 0.33]}
        return {"best": {**best, **more}, "thresholds": [0.1, 0.21, 0.34, 0.5], **costs}

    costs, saves = gap(-0.05, 0.02, -0.012), gap(0.01, 0.09, 0.034)
    hold(snapshots, "the cheapest costs more", said("h9", priced(costs, saves)))
    hold(snapshots, "and less", said("h9", priced(saves, costs)))
    level, worse = gap(-0.02, 0.03, 0.0), gap(-0.09, -0.01, -0.04)
    hold(snapshots, "as much", said("h9", priced(level, worse)))
    hold(snapshots, "surely more", said("h9", priced(worse, level)))
    one = priced(saves, saves, theoretical=0.21)
    hold(snapshots, "theory is the cheapest", said("h9", one))
    for low, high in ((0.0, 1.0), (0.0, 0.99), (0.01, 1.0)):
        other = priced(saves, saves, low=low, high=high)
        told = [BY_KEY["h9"].judge(other), decision._alike(other)]
        hold(snapshots, f"{low} to {high}", told)


def test_tables_that_were_made_up(snapshots):
    counts = {"patients": 203, "ill": 90, "healthy": 113, "everybody_healthy": 0.557,
              "network": 0.83, "lesson": {"larger": 165, "smaller": 138},
              "lesson_turned_round": True, "lesson_file": {"patients_mislabelled": 17,
              "majority_share": 0.69}, "turned_round": {"mean_predicted_with_disease": 0.21,
              "mean_predicted_without_disease": 0.72}}  # fmt: skip
    hold(snapshots, "counts", said("h1", counts))
    hold(snapshots, "another table", said("h1", {**counts, "lesson_turned_round": False}))
    shares = (0.0, 0.099, 0.1, 0.101, 0.24, 0.26, 0.349, 0.351, 0.49, 0.51, 0.61, 0.74, 0.76, 0.86)
    ends = {share: BY_KEY["h1"].judge({**counts, "everybody_healthy": share}) for share in shares}
    hold(snapshots, "ends", ends)
    gaps = {"test_accuracy": GAPS["around"], "test_log_loss": GAPS["below"]}
    kinds = dict.fromkeys(table._SORTED, "numerical") | {"thal": "categorical"}
    coded = {"kinds": kinds, "one_hot": gaps, "splits": 45}
    for name, pain in {"rising": [0.1, 0.2, 0.4], "falling": [0.5, 0.3, 0.1],
                       "neither": [0.2, 0.1, 0.4, 0.6]}.items():  # fmt: skip
        hold(snapshots, name, said("h2", {**coded, "pain": pain}))
    turned = {name: gaps[other] for name, other in zip(gaps, reversed(gaps), strict=True)}
    hold(snapshots, "log loss in its place", said("h2", {**coded, "one_hot": turned, "pain": [0]}))


def test_counts_of_other_tables(snapshots, monkeypatch):
    found = {}
    for ill, healthy in ((138, 165), (139, 164), (137, 164), (140, 165), (139, 166), (136, 165),
                         (141, 165), (138, 168), (165, 138)):  # fmt: skip
        folded = {"labels": [1] * ill + [0] * healthy, "metrics": {"accuracy": {"value": 0.8}}}
        record = {"evaluation": {"out_of_fold": folded},
                  "defects": {"kaggle_labels": "turned", "lesson_labels": "own"}}  # fmt: skip
        monkeypatch.setattr(table, "experiments", lambda sources, record=record: record)
        found[f"{ill} ill, {healthy} healthy"] = table._counted(None)
    hold(snapshots, "all", next(iter(found.values())))
    hold(snapshots, "swapped", {name: one["lesson_turned_round"] for name, one in found.items()})


def test_patients_that_were_made_up(snapshots):
    risk = {"risk": 0.234, "low": 0.121, "high": 0.456, "level": 0.9, "ill": 0.459, "doubts": []}
    hold(snapshots, "no doubt", said("h6", risk))
    hold(snapshots, "two doubts", said("h6", {**risk, "doubts": ["Age 99.", "No scan."]}))
    kept = {"weights": 0.1, "scales": 0.3, "codes": 0.5}
    saved = {"served": 0.5, "loaded": 0.52, "equal": False, "bytes": 1234567, "kept": kept}
    hold(snapshots, "saved", said("h10", saved))
    ends = {}
    for served in (0.1, 0.1 + 2e-9, 0.1 - 5e-10, 0.3, 0.4):
        ends[f"{served:.11f}"] = keeping._judge_kept({**saved, "served": served})
    hold(snapshots, "ends", ends)


def test_what_is_loaded_again_is_told_from_what_was_saved(monkeypatch):
    again = {"before": {"probability": 0.2}, "after": {"probability": 0.3}, "equal": False,
             "bytes": {"weights": 40, "metadata": 500}}  # fmt: skip
    twelve = SimpleNamespace(run=lambda model: {"results": again})
    monkeypatch.setattr(keeping, "exercise", {"12": twelve}.__getitem__)
    monkeypatch.setattr(keeping, "risk_from", lambda model, row, **kept: kept)
    assert keeping._kept(SimpleNamespace(heart=lambda: None)) == {
        "served": 0.2, "loaded": 0.3, "equal": False, "bytes": 540,
        "kept": {"weights": {"scales": False, "codes": False},
                 "scales": {"scales": True, "codes": False},
                 "codes": {"scales": True, "codes": True}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "code", "unknown", "answer"),
    [
        ("thal", "unseen_category", 0.2, None), ("thal", "unseen_category", 0.3, 0.2),
        ("cp", "unseen_category", 0.2, 0.2), ("thal", "missing_imputed", 0.2, 0.2),
    ],
)  # fmt: skip
def test_a_strange_code_is_unknown_if_it_is_said_and_answered_so(field, code, unknown, answer):
    said = {
        5: SimpleNamespace(probability=0.2, warnings=[SimpleNamespace(field=field, code=code)]),
        None: SimpleNamespace(probability=unknown, warnings=[]),
    }
    asked: Any = SimpleNamespace(predict=lambda patient: said[patient["thal"]])
    assert patient._ask_model([], asked) == answer


@pytest.mark.parametrize(
    ("error", "refused"), [(DataError("thal", "odd"), True), (DataError("cp", "thal"), False)]
)
def test_a_word_is_refused_by_the_name_of_its_field(error, refused):
    def predict(row: dict[str, Any]) -> None:
        if row["thal"] == "odd":
            raise error

    assert patient._refused(SimpleNamespace(predict=predict)) is refused
    assert not patient._refused(SimpleNamespace(predict=lambda row: None))
