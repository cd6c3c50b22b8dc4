"""Exercises 9 to 12: the lesson's questions on the heart data, answered by the artifact.

What can be computed when asked is (the confusion matrix, the thresholds, the round trip through a
file); what takes many trainings was measured by scripts/train.py heart-experiments.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.artifacts import METADATA_FILE, MODEL_FILE, ROOT, resave_artifact
from classifiers.errors import naming_files_from
from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.exercises import Exercise
from classifiers.recipes.heart.experiments.rows import (
    HARMFUL,
    HELPS,
    MIXED,
    NOTHING,
    UNKNOWN,
    improvements,
    judge,
)
from classifiers.recipes.heart.explorer import cost_table, explorer_table
from classifiers.recipes.heart.findings import (
    describe_experiments,
)
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.recipes.heart.report import (
    PARTS,
    heart_report,
)
from classifiers.wording import counted, gap_points, percent, whole_percent

SHIPPED = ROOT / "weights" / "heart"
LESSON_PATIENT = "The lesson's patient, age 80"
_SHOWN = (0.1, 0.9)  # the lesson's range of thresholds

Answer = tuple[list[str], dict[str, Any]]


@dataclass(frozen=True)
class HeartExercise(Exercise):
    """A question put to a heart model; `decides`: the answer hangs on a threshold and costs."""

    answer: Callable[..., Answer] = lambda model: ([], {})
    decides: bool = False

    def run(
        self,
        model: HeartModel | None = None,
        threshold: Any = None,
        cost_false_negative: Any = None,
        cost_false_positive: Any = None,
    ) -> dict[str, Any]:
        """Findings and results for `model`; None = the one that ships with the app.

        Threshold and costs are those of `heart_report`.

        Raises:
            ArtifactError: the model does not load, or its metadata lacks what is asked.
            ConfigError: the threshold or a cost is out of its range.
        """
        with naming_files_from(SHIPPED.parent):
            model = model or HeartModel.load(SHIPPED)
        decision = (threshold, cost_false_negative, cost_false_positive)
        findings, results = self.answer(model, *(decision if self.decides else ()))
        return {**self.describe(), "findings": findings, "results": results}


def _confusion(model: HeartModel, threshold: Any = None, *costs: Any) -> Answer:
    report = heart_report(model, threshold, *costs)
    findings = []
    for name, whose in zip(PARTS, ("held-out patients", "patients, out of fold"), strict=True):
        part = report[name]
        counts = part["counts"]
        missed = wilson_interval(counts["false_negative"], part["cases"])
        alarms = wilson_interval(counts["false_positive"], part["patients"] - part["cases"])
        findings.append(
            f"{part['patients']} {whose}, at {whole_percent(report['threshold'])}: "
            f"{counted(counts['false_positive'], 'false alarm')} ({percent(alarms.value)} of those "
            f"without disease, 95 % interval {percent(alarms.low)} to {percent(alarms.high)}) and "
            f"{counted(counts['false_negative'], 'miss', 'es')} ({percent(missed.value)} of those "
            f"with it, {percent(missed.low)} to {percent(missed.high)})."
        )
    kept = ("patients", "cases", "counts")
    results = {name: {key: report[name][key] for key in kept} for name in PARTS}
    return findings, {"threshold": report["threshold"], **results}


def _thresholds(model: HeartModel, threshold: Any = None, *given: Any) -> Answer:
    report, table = heart_report(model, threshold, *given), explorer_table(model)
    costs = cost_table(model, *given)
    low, high = _SHOWN
    shown = [i for i, t in enumerate(table["thresholds"]) if low <= t <= high]
    columns = {
        name: {
            "precision": [table[name]["metrics"]["precision"]["value"][i] for i in shown],
            "recall": [table[name]["metrics"]["sensitivity"]["value"][i] for i in shown],
            "cost": [costs[name]["value"][i] for i in shown],
        }
        for name in PARTS
    }
    return [_advice(report), *report["findings"]], {
        "thresholds": [table["thresholds"][i] for i in shown],
        "costs": report["costs"],
        "best_threshold": report["best_threshold"],
        **columns,
    }


def _advice(report: dict[str, Any]) -> str:
    """The lesson's question in one sentence: which threshold, for these two costs."""
    best, costs = report["best_threshold"], report["costs"]
    asked, cheapest = whole_percent(best["theoretical"]), whole_percent(best["value"])
    saving = best["savings"]["theoretical"]
    if saving["distinguishable"] and saving["fresh"]["value"] > 0:
        return (
            f"Pick {cheapest}: on patients that it was not chosen on it saves "
            f"{saving['fresh']['value']:.3f} a patient against {asked}, which theory asks for."
        )
    low, high = whole_percent(best["low"]), whole_percent(best["high"])
    others = (
        "and would have been with others"
        if low == high == cheapest
        else f"but with others it would have been anything from {low} to {high}, and the numbers "
        "can't tell these apart"
    )
    return (
        f"Pick {asked}, which theory asks for where a miss costs "
        f"{costs['false_negative']:g} and a false alarm {costs['false_positive']:g}: "
        f"{cheapest} was cheapest on {best['patients']} patients, {others}."
    )


def _layers(model: HeartModel) -> Answer:
    record = next(item for item in describe_experiments(model) if item["key"] == "layers")
    one, two = record["results"]["lesson"], record["results"]["two_hidden_layers"]
    patients = len(model.artifact.metadata.evaluation["out_of_fold"]["labels"])
    trained = patients - len(model.artifact.metadata.evaluation["held_out"]["labels"])
    answer = {
        HELPS: "It helps",
        HARMFUL: "It does harm",
        MIXED: "It helps by one score and does harm by another",
        NOTHING: "It makes no difference of a point",
        UNKNOWN: "The numbers can't tell",
    }[judge(list(improvements(two).values()))]
    why = (
        f"{answer} ({gap_points(two['difference']['test_accuracy'])} of test accuracy), and it "
        f"might not help because {one['parameters']:,} parameters become {two['parameters']:,} "
        f"with the same {trained} patients to learn them from."
    )
    return [why, *record["findings"]], record["results"]


def _save_and_load(model: HeartModel) -> Answer:
    artifact, patient = model.artifact, SAMPLE_PATIENTS[LESSON_PATIENT]
    before = model.predict(patient)
    with tempfile.TemporaryDirectory() as folder:
        again = HeartModel(
            resave_artifact(artifact, folder, evaluation=artifact.metadata.evaluation)
        )
        sizes = {name: (Path(folder) / name).stat().st_size for name in (MODEL_FILE, METADATA_FILE)}
    after = again.predict(patient, before.threshold)
    same = after == before
    return [
        f"The lesson's patient before saving: {percent(before.probability)}; after loading: "
        f"{percent(after.probability)}. The predictions are {'equal' if same else 'NOT equal'} to "
        "the last digit.",
        f"{MODEL_FILE} ({sizes[MODEL_FILE]:,} bytes) holds weights and preprocessing, "
        f"{METADATA_FILE} what they mean. Nothing is pickled: loading a pickle runs whatever code "
        "its writer put into it.",
        f"The weights have the same SHA-256 as before: {again.artifact.sha256 == artifact.sha256}.",
    ], {
        "patient": dict(patient),
        "before": before.to_dict(),
        "after": after.to_dict(),
        "equal": same,
        "sha256": again.artifact.sha256,
        "bytes": sizes,
    }


EXERCISES = (
    HeartExercise(
        key="9",
        number=9,
        title="The confusion matrix of the heart model",
        asked="How many false positives and false negatives does the model produce on the test "
        "set?",
        ran="The served model's held-out patients, and every patient predicted out of fold, at "
        "one threshold: the page's where it is asked there, else the model's own.",
        answer=_confusion,
        decides=True,
    ),
    HeartExercise(
        key="10",
        number=10,
        title="Thresholds and costs",
        asked="How do precision and recall move with the threshold, and which would you pick if a "
        "false negative is twice as costly as a false positive?",
        ran="Every threshold in steps of 0.005; the cheapest is chosen on out-of-fold predictions "
        "of the training patients and judged on patients it was not chosen on.",
        answer=_thresholds,
        decides=True,
    ),
    HeartExercise(
        key="11",
        number=11,
        title="A second hidden layer",
        asked="Does a second hidden layer help, and why might it not?",
        ran="The lesson's network with one and with two hidden layers of the same width, trained "
        "on the same random splits when the model's experiments were run.",
        answer=_layers,
    ),
    HeartExercise(
        key="12",
        number=12,
        title="Save, load, predict",
        asked="Save model, scaler and encoders together, load them afresh and predict for the "
        "lesson's patient.",
        ran="The model saved to a new folder, loaded from there with every check, and asked "
        "for the lesson's patient.",
        answer=_save_and_load,
    ),
)
