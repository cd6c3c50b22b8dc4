"""What the Threshold and Table sub-tabs are sent, against the report and the predictions."""

import csv
import json
from collections import OrderedDict
from pathlib import Path

import pytest

from classifiers.artifacts import Artifact
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import PARTS, heart_report
from classifiers.ui.heart import explorer, table
from classifiers.ui.heart.explorer import show_table, weigh
from classifiers.ui.heart.table import summarize
from classifiers.wording import whole_percent
from tests.answers.thinned import hold
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv


@pytest.fixture(scope="module")
def shown(model) -> dict:
    return json.loads(show_table(model))


def of_hundred(share: float) -> str:
    return whole_percent(round(share, 9)).removesuffix(" %")


def check_row(row: dict, part: dict) -> None:
    """A row says what the report says at its threshold."""
    metrics = part["metrics"]
    assert row["label"] == whole_percent(row["threshold"])
    assert row["counts"] == part["counts"]
    turned = {"alarms": "specificity", "left": "negative_predictive_value"}
    for name, measure in {"found": "sensitivity", "called": "precision", **turned}.items():
        told = metrics[measure]
        if told["value"] is None:
            assert row["said"][name] is None
            continue
        value, low, high = (told[key] for key in ("value", "low", "high"))
        if name in turned:
            value, low, high = 1 - value, 1 - high, 1 - low
        ends = [of_hundred(low), of_hundred(high)]
        between = "–" if all(end.isdigit() for end in ends) else " to "
        assert row["said"][name] == [of_hundred(value), between.join(ends)]
    assert row["marks"]["recall"] == pytest.approx(metrics["sensitivity"]["value"], abs=1e-6)
    assert row["marks"]["alarms"] == pytest.approx(1 - metrics["specificity"]["value"], abs=1e-6)


@pytest.mark.parametrize("step", [0, 7, 50, 93, 100])
def test_a_step_of_the_slider_says_what_the_report_does(model, shown, step):
    report = heart_report(model, step / 100)
    for name in PARTS:
        row = shown[name]["rows"][step]
        assert row["threshold"] == step / 100
        check_row(row, report[name])


@pytest.mark.parametrize("costs", [(2, 1), (7, 3), (1, 1e6), (3, 0), (0, 3)])
def test_what_theory_asks_for_is_answered_exactly(model, costs):
    told = json.loads(weigh(model, *costs))
    miss, alarm = costs
    theory = alarm / (miss + alarm)
    assert told["best"]["theoretical"] == theory
    report = heart_report(model, theory, miss, alarm)
    assert told["conclusion"] == report["conclusion"]
    for name in PARTS:
        exact = [row for row in told[name]["exact"] if row["threshold"] == theory]
        if theory * 100 == round(theory * 100):
            assert exact == []  # the slider has it
            continue
        check_row(exact[0], report[name])
        cost = report[name]["metrics"]["cost"]["value"] * 100 / (alarm or miss)
        assert exact[0]["cost"] == pytest.approx(cost)
    assert told["title"].endswith("false alarms" if alarm else "missed patients")


@pytest.mark.parametrize("part", PARTS)
def test_no_worse_than_calling_nobody_is_not_better(shown, part):
    pairs = zip(shown[part]["net_benefit"]["value"], shown[part]["treat_all"], strict=True)
    better = [ours > 0 and ours > all_ for ours, all_ in pairs if ours is not None]
    assert f"at {sum(better)} of {len(better)} thresholds." in shown[part]["titles"]["benefit"]


def test_costs_that_cannot_be_are_an_answer(model):
    assert json.loads(weigh(model, -1, 1))["error"].startswith("cost_false_negative: must be")
    assert json.loads(weigh(model, 0, 0))["error"].startswith("cost_false_negative: must be above")


def test_a_threshold_that_is_the_models_own_has_a_row_of_its_own(model):
    evaluation = {**model.artifact.metadata.evaluation, "threshold": 0.4137}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    other = HeartModel(Artifact(model.artifact.network, model.preprocessor, metadata))
    assert json.loads(show_table(other))["start"] == {"threshold": 0.4137, "miss": 2, "alarm": 1}
    told = json.loads(weigh(other, None, None))
    [row] = [row for row in told["out_of_fold"]["exact"] if row["threshold"] == 0.4137]
    check_row(row, heart_report(other)["out_of_fold"])


def test_groups_that_were_not_counted_are_none(model):
    evaluation = {**model.artifact.metadata.evaluation, "experiments": {}}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    other = HeartModel(Artifact(model.artifact.network, model.preprocessor, metadata))
    assert json.loads(show_table(other))["groups"] is None


def test_what_is_said_of_groups(shown):
    groups = shown["groups"]
    assert [group["name"] for group in groups["groups"]] == [
        "Everybody", "Women", "Men", "Under 50", "50 to 59", "60 and over",
    ]  # fmt: skip
    told = groups["told"][groups["thresholds"].index(0.3)]
    assert told == (
        "At 30 % men get more false alarms than women and those of 60 and over get more false "
        "alarms than those under 50: these intervals don't meet. The other differences could be "
        "chance."
    )
    assert "every difference between these groups could be chance" in groups["told"][0]


# The table


HEADER = "id,age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,decision"
ROWS = [
    f"{i},{40 + 2 * i},{i % 2},{1 + i % 4},120,{200 + i},0,0,{170 - 4 * i},{i % 2},{0.2 * i:g},"
    f"{1 + i % 2},{i % 4},{(3, 7)[i % 2]},x"
    for i in range(12)
]
FEW = "f,50" + "," * 12 + ",x"  # an age and nothing else: a risk, and no decision
WRONG = "w,900" + "," * 12 + ",x"


def summary(model, tmp_path: Path, lines: list[str], threshold: float = 0.4):
    result = model.predict_file("\n".join(lines).encode(), threshold)
    path = tmp_path / "answer.csv"
    path.write_text(result.to_csv(), encoding="utf-8")
    return summarize(result), list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def test_a_summary_counts_what_the_file_says(model, tmp_path):
    rows = [*ROWS, *[WRONG] * 10, FEW]
    told, answers = summary(model, tmp_path, [HEADER, *rows])
    ours = [row["predicted_decision"] for row in answers]
    assert told["decisions"] == [
        ["disease", ours.count("disease")], ["no disease", ours.count("no disease")],
        ["too little known", 1], ["refused", 10],
    ]  # fmt: skip
    assert min(ours.count("disease"), ours.count("no disease")) > 1  # else the counts are no test
    assert told["at"] == "40 %"
    assert told["rows"] == "23 rows, all of them in the file"
    assert [row for row, _ in told["refused"]] == [str(i) for i in range(13, 21)]
    assert all(reason.startswith("age: must be") for _, reason in told["refused"])
    assert told["more"] == "and 2 more, in the file"
    assert told["header"] == ["Row", "id", "age", "sex", "cp", "Risk", "Interval", "Decision"]
    assert told["hidden"] == 11
    assert (told["count"], told["page"], told["in_doubt"]) == (23, 8, 10)
    assert [line[0] for line in told["doubted"]] == [str(i) for i in range(13, 23)]
    for line, row in zip(told["all"], answers, strict=True):
        assert line[1:5] == [row["id"], row["age"], row["sex"], row["cp"]]
        risk = row["probability"]
        assert line[5] == (whole_percent(float(risk)) if risk else "")
        assert line[7] == (row["predicted_decision"] or f"refused: {row['error']}")


def test_a_row_that_was_refused_says_why_in_the_preview(model, tmp_path):
    told, _ = summary(model, tmp_path, ["age", "900"])
    assert told["all"] == [["1", "900", "", "", f"refused: {told['refused'][0][1]}", ""]]
    assert told["rows"] == "1 row, all of them in the file"
    assert told["decisions"][:2] == [["disease", 0], ["no disease", 0]]


def test_where_too_little_is_known_there_is_a_risk_and_no_decision(model, tmp_path):
    told, [row] = summary(model, tmp_path, [HEADER, FEW])
    assert told["decisions"] == [
        ["disease", 0], ["no disease", 0], ["too little known", 1], ["refused", 0],
    ]  # fmt: skip
    assert told["all"][0][-4] == whole_percent(float(row["probability"]))
    assert told["all"][0][-2] == "too little known"


def test_words_of_the_explorer(snapshots):
    rates = ((0.4, 0.3, 0.5), (0.995, 0.95, 0.999), (0.003, 0, 0.02), (0, 1e-18, 0.005), (1, 1, 1))
    told = [dict(zip(("value", "low", "high"), rate, strict=True)) for rate in rates]
    hold(snapshots, "of hundred", [[explorer._hundred(one), explorer._turned(one),
                                    explorer._share(one)] for one in told], 20)  # fmt: skip
    nothing = {"value": None, "low": 0.0, "high": 1.0}
    hold(snapshots, "nothing", [explorer._turned(nothing), explorer._measure("precision", nothing)])
    measured = [explorer._measure(name, told[0]) for name in ("precision", "net_benefit")]
    hold(snapshots, "measured", measured)
    cuts = (0, 1e-3, 0.05, 1 / 11, 0.2, 0.25, 1 / 3, 0.5, 0.505, 2 / 3, 0.99, 1)
    hold(snapshots, "worth", {f"{cut:.4g}": explorer._worth(cut) for cut in cuts})
    costs = (0, 0.004, 0.1234, 9.94, 9.96, 10, 10.4, 999.6, 12345.6)
    hold(snapshots, "costs", {f"{cost:g}": explorer._round(cost) for cost in costs})
    on = {f"{cut:.12g}": explorer._on_slider(cut) for cut in (*cuts, 0.29, 0.07 + 1e-10, 0.335)}
    hold(snapshots, "on the slider", on)
    names = ["everybody", "women", "men", "those under 50"]
    pairs = [{"kind": "with_disease", "more": 1, "less": 2},
             {"kind": "without_disease", "more": 3, "less": 1},
             {"kind": "without_disease", "more": 2, "less": 3}]  # fmt: skip
    differ = [explorer._differences("34 %", pairs[:count], names) for count in range(4)]
    hold(snapshots, "differences", differ)
    groups = ("under 50", "50 to 59", "60 and over")
    hold(snapshots, "ages", [list(explorer._age_names(group)) for group in groups])


def test_the_title_counts_the_thresholds_that_beat_both_rivals(model):
    grid = explorer_table(model)
    for name in PARTS:
        part = grid[name]
        worse = [v and (v if t < 0.5 else -v) for t, v in
                 zip(grid["thresholds"], part["net_benefit"]["value"], strict=True)]  # fmt: skip
        part = {**part, "net_benefit": {**part["net_benefit"], "value": worse}}
        title = explorer._part(part, grid["thresholds"], name)["titles"]["benefit"]
        pairs = [(v, t) for v, t in zip(worse, part["treat_all"], strict=True) if v is not None]
        better = [v > 0 and v > every for v, every in pairs]
        assert title.endswith(f"nobody at {sum(better)} of {len(pairs)} thresholds.")
        assert sum(better) < sum(v > every for v, every in pairs)


def test_runs_that_were_halted_first_are_forgotten_first(monkeypatch):
    monkeypatch.setattr(table, "_MOST_HALTED", 3)
    monkeypatch.setattr(table, "_halted", OrderedDict())
    for run in ("a", "b", "", None, "x" * 40, "y" * 41, "c", "d"):
        table._halt(run)
    assert list(table._halted) == ["x" * 40, "c", "d"]
    assert [table._cut("z" * count) for count in (60, 61)] == ["z" * 60, "z" * 60 + "…"]


def test_costs_are_counted_in_what_the_one_error_costs(model):
    one, four = (json.loads(weigh(model, miss, 0)) for miss in (1, 4))
    assert one["title"] == four["title"] == "for 100 patients, counted in missed patients"
    double = [json.loads(weigh(model, 2 * cost, cost)) for cost in (1, 3)]
    for name in PARTS:
        for told, other in ((one, four), double):
            for key in ("value", "low", "high"):
                assert told[name][key] == pytest.approx(other[name][key], abs=2e-4)
            assert told[name]["all"] == other[name]["all"]


@pytest.mark.parametrize(("gap", "alike"), [(0.004, True), (-0.004, True), (0.006, False)])
def test_theory_is_the_cheapest_within_half_a_per_cent(model, monkeypatch, gap, alike):
    def report(*given):
        told = heart_report(*given)
        best = told["best_threshold"]
        best.update(value=best["theoretical"] + gap, low=0.2, high=0.2)
        return told

    monkeypatch.setattr(explorer, "heart_report", report)
    labels = json.loads(weigh(model, 3, 1))["labels"]
    theory = "theory 25 %" + (", cheapest too" if alike else "")
    assert labels == {"theory": theory, "cheapest": "" if alike else "cheapest 25.6 %", "range": "",
                      "back": "back to 25 %"}  # fmt: skip


def test_of_many_rows_some_are_sent_and_all_are_counted(model, monkeypatch):
    rows = invent_patients(9, seed=6)
    for i in (1, 2, 4, 5, 6):
        rows[i][0] = "old"
    rows[3][4] = rows[7][4] = "590"
    monkeypatch.setattr(table, "_MOST_PAGED", 4)
    monkeypatch.setattr(table, "_SHOWN", 3)
    told = summarize(model.predict_file(to_csv(rows, UCI_HEADER), 0.4))
    assert [row[0] for row in told["all"]] == ["1", "2", "3", "4"]
    assert [row[0] for row in told["doubted"]] == ["2", "3", "4", "5"]
    assert (told["in_doubt"], told["doubtful"], told["count"], told["page"]) == (7, 2, 9, 3)
    assert [row for row, _ in told["refused"]] == ["2", "3", "5"]
    assert told["more"] == "and 2 more, in the file"
    assert told["rows"] == "9 rows, all of them in the file"
