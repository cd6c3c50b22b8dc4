"""The lessons as rows of a picture: what is drawn is in the record, verdicts follow from it."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest

from classifiers.errors import ArtifactError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart.experiments.group_rows import groups_picture
from classifiers.recipes.heart.experiments.rows import judge, judge_alone, lessons_picture
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import gap_points


@pytest.fixture(scope="module")
def record(model):
    return model.artifact.metadata.evaluation["experiments"]


def with_record(model, change):
    """The model with its experiments changed."""
    experiments = deepcopy(model.artifact.metadata.evaluation["experiments"])
    change(experiments)
    evaluation = {**model.artifact.metadata.evaluation, "experiments": experiments}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    return HeartModel(replace(model.artifact, metadata=metadata))


def rows_of(picture):
    return {row["key"]: row for section in picture["sections"] for row in section["rows"]}


def gap(low, high):
    return {"value": (low + high) / 2, "low": low, "high": high}


# Verdicts


@pytest.mark.parametrize(
    ("intervals", "verdict"),
    [
        ([(-0.02, 0.03), (-0.001, 0.2)], "can't tell"),
        ([(-0.009, 0.01), (-0.005, 0.004)], "doesn't"),
        ([(-0.009, 0.01), (-0.005, 0.011)], "can't tell"),  # one reaches beyond a point
        ([(-0.02, 0.03), (0.001, 0.2)], "helps"),
        ([(-0.02, 0.03), (-0.2, -0.001)], "harmful"),
        ([(0.001, 0.002), (0.001, 0.002)], "helps"),  # told from 0, however small
        ([(0.01, 0.03), (-0.2, -0.001)], "mixed"),
        ([(0.0, 0.03)], "can't tell"),  # an interval that ends at 0 holds it
    ],
)
def test_a_verdict_follows_from_the_intervals(intervals, verdict):
    assert judge([gap(*interval) for interval in intervals]) == verdict


def test_an_apparent_gain_is_harm():
    assert judge([gap(0.01, 0.02)], apparent=True) == "harmful"
    assert judge([gap(-0.01, 0.02)], apparent=True) == "can't tell"
    assert judge_alone(0.16, 0.04, apparent=True) == "harmful"


def test_a_difference_without_interval_is_told_only_beyond_the_widest_of_the_others():
    assert judge_alone(0.05, 0.04) == "helps"
    assert judge_alone(-0.05, 0.04) == "harmful"
    assert judge_alone(-0.04, 0.04) == "can't tell"


def test_no_verdict_contradicts_what_was_measured(model, record):
    """The rule, written anew from the record."""
    rows = rows_of(lessons_picture(model))
    methods = {"dropout": "dropout_0", "long": "long_dropout_0", "layers": "two_hidden_layers",
               "scaler": "scaler_before_split", "encoding": "one_hot"}  # fmt: skip
    for key, method in methods.items():
        gaps = [
            record["methods"][method]["difference"][f"test_{measure}"]
            for measure in ("accuracy", "auc", "log_loss")
        ]
        silent = all(g["low"] <= 0 <= g["high"] for g in gaps)
        small = max(abs(g[end]) for g in gaps for end in ("low", "high")) <= 0.01
        chip = rows[key]["chip"]
        assert (chip == "can't tell") == (silent and not small), key
        assert (chip == "doesn't") == (silent and small), key


# What is drawn


def test_differences_are_the_records_with_more_being_better(model, record):
    rows = rows_of(lessons_picture(model))
    stored = record["methods"]["long_dropout_0"]["difference"]
    drawn = rows["long"]
    for end, other in (("value", "value"), ("low", "high"), ("high", "low")):
        assert drawn["accuracy"][end] == stored["test_accuracy"][end]
        assert drawn["log_loss"][end] == -stored["test_log_loss"][other]
    linear = model.artifact.metadata.evaluation["out_of_fold"]["logistic_regression"]
    assert rows["logistic_regression"]["log_loss"]["value"] == pytest.approx(
        linear["metrics"]["log_loss"]["value"]
        - model.artifact.metadata.evaluation["out_of_fold"]["metrics"]["log_loss"]["value"],
        abs=1e-4,
    )
    assert rows["majority"]["accuracy"]["value"] > 0
    assert rows["majority"]["log_loss"]["low"] > 0


def test_what_has_no_interval_says_so(model, record):
    rows = rows_of(lessons_picture(model))
    alone = {key for key, row in rows.items() if row["accuracy"] and row["accuracy"]["low"] is None}
    assert alone == {"lesson_labels", "kaggle_labels", "duplicates"}
    defects = record["defects"]
    clean = record["methods"]["lesson"]["test_accuracy"]["mean"]
    assert rows["lesson_labels"]["accuracy"]["value"] == pytest.approx(
        defects["lesson_labels"]["accuracy_on_disease"] - clean, abs=1e-5
    )
    assert rows["duplicates"]["accuracy"]["apparent"]
    assert "no interval" in rows["kaggle_labels"]["accuracy"]["text"]
    assert all(rows[key]["log_loss"] is None for key in alone)


def test_the_spread_holds_every_split_once(model, record):
    spread = rows_of(lessons_picture(model))["split_luck"]["spread"]
    assert sum(count for _, count in spread) == record["splits"]
    assert sum(value * count for value, count in spread) == pytest.approx(0, abs=1e-3)
    assert spread == sorted(spread)


def test_the_tally_and_the_lead_count_the_rows(model):
    picture = lessons_picture(model)
    json.dumps(picture, allow_nan=False)
    rows = rows_of(picture)
    chips = [row["chip"] for row in rows.values()]
    assert {item["chip"]: item["count"] for item in picture["tally"]} == {
        chip: chips.count(chip) for chip in chips
    }
    recipe, copies, _ = picture["sections"]
    unknown = sum(row["chip"] == "can't tell" for row in recipe["rows"])
    harm = sum(row["chip"] == "harmful" for row in copies["rows"])
    assert f"can't tell {unknown} of the recipe's {len(recipe['rows'])} effects" in picture["lead"]
    assert picture["lead"].endswith(f"{harm} of the data's {len(copies['rows'])} copies do harm.")


def test_every_row_has_one_line_and_details(model):
    for row in rows_of(lessons_picture(model)).values():
        assert len(row["answer"]) < 90
        assert row["answer"].endswith(".")
        assert row["details"]


def test_another_record_gives_other_verdicts(model):
    def leak(experiments):
        experiments["methods"]["scaler_before_split"]["difference"]["test_accuracy"] = gap(0.01, 1)
        layers = experiments["methods"]["two_hidden_layers"]["difference"]
        layers["test_log_loss"] = gap(-0.2, -0.1)
        layers["test_accuracy"] = gap(-0.2, -0.1)

    rows = rows_of(lessons_picture(with_record(model, leak)))
    assert rows["scaler"]["chip"] == "harmful"
    assert rows["scaler"]["answer"].startswith("Accuracy is clearly better; ")
    assert rows["scaler"]["accuracy"]["apparent"]
    assert rows["layers"]["chip"] == "mixed"
    assert "accuracy is clearly worse" in rows["layers"]["answer"].replace("log loss is clearly "
                                                                        "better; ", "")  # fmt: skip


# Groups


def test_groups_are_the_records_and_the_whole_comes_first(model, record):
    rows = groups_picture(model)["rows"]
    folded = model.artifact.metadata.evaluation["out_of_fold"]
    assert rows[0]["chip"] is None
    assert (rows[0]["patients"], rows[0]["cases"]) == (303, sum(folded["labels"]))
    assert rows[0]["auc"] == folded["metrics"]["auc"]
    assert [row["name"] for row in rows[1:6]] == [
        "Women", "Men", "Under 50", "50 to 59", "60 and over"
    ]  # fmt: skip
    assert [row["name"] for row in rows[6:]] == ["Budapest", "Zurich and Basel", "Long Beach"]
    stored = [*record["slices"], *record["sites"].values()]
    for row, group in zip(rows[1:], stored, strict=True):
        assert row["auc"] == group["auc"]
        assert row["said"] == group["predicted"]["value"]
        assert row["found"] == group["observed"]


def test_a_groups_verdict_is_what_its_picture_shows(model):
    area = model.artifact.metadata.evaluation["out_of_fold"]["metrics"]["auc"]

    def near(experiments):  # its interval meets the study's, and leaves the study's value out
        high = (area["low"] + area["value"]) / 2
        told = {"value": area["low"] - 0.05, "low": area["low"] - 0.1, "high": high}
        experiments["slices"][0]["auc"] = told

    whole, *rows = groups_picture(model)["rows"]
    for row in [*rows, groups_picture(with_record(model, near))["rows"][1]]:
        apart = row["auc"]["high"] < whole["auc"]["low"]
        missed = row["said"] < row["found"]["low"] or row["said"] > row["found"]["high"]
        assert (row["chip"] == "not as good") == (apart or missed), row["name"]
        assert ("Ranks worse" in row["answer"]) == apart
        assert ("where" in row["answer"]) == missed


def test_a_record_without_sites_says_so(model):
    picture = groups_picture(with_record(model, lambda e: e.update(sites={})))
    assert len(picture["rows"]) == 6
    assert "external files were not given" in picture["note"]


def test_a_model_without_experiments_says_how_to_get_them(model):
    for draw in (lessons_picture, groups_picture):
        with pytest.raises(ArtifactError, match="heart-experiments on this model"):
            draw(with_record(model, dict.clear))


# Exercises 10 and 11: one sentence each


def test_exercise_10_names_a_threshold_and_what_cannot_be_told(model):
    answer = exercise(10).run(model)
    best = answer["results"]["best_threshold"]
    first = answer["findings"][0]
    told = best["savings"]["theoretical"]["distinguishable"]
    assert first.startswith("Pick 33 %, which theory asks for") == (not told)
    assert ("the numbers can't tell these apart." in first) == (not told)
    assert first.count(". ") == 0  # one sentence


def test_exercise_11_answers_in_one_sentence(model, record):
    first = exercise(11).run(model)["findings"][0]
    gap = record["methods"]["two_hidden_layers"]["difference"]["test_accuracy"]
    assert gap["low"] < 0 < gap["high"]
    assert first.startswith(f"The numbers can't tell ({gap_points(gap)} of test accuracy)")
    assert "481 parameters become 1,537 with the same 242 patients" in first

    def better(experiments):
        told = {"value": 0.15, "low": 0.1, "high": 0.2}
        experiments["methods"]["two_hidden_layers"]["difference"]["test_accuracy"] = told

    first = exercise(11).run(with_record(model, better))["findings"][0]
    assert first.startswith("It helps (+15.0 points")
