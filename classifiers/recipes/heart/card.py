"""The heart model's card, written from its metadata: nothing in it is typed twice.

Out-of-fold figures come first: they are of all patients and of the procedure, where the held-out
ones are of few patients and of the served networks. Headings follow TRIPOD+AI (Collins et al.
2024, doi 10.1136/bmj-2023-078378), item numbers in brackets. The front matter is what the Hub
reads. The same metadata gives the same text.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.findings import SITE_NAMES, describe_experiments
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record.luck import random_test_sets
from classifiers.recipes.heart.record.method import (
    describe_choices,
    describe_importance,
    describe_interval,
    describe_known_fields,
    describe_least_known,
    describe_test_sets,
)
from classifiers.recipes.heart.record.pictures import PICTURES, write_pictures
from classifiers.recipes.heart.record.sample_size import describe_sample_size
from classifiers.recipes.heart.report import heart_report
from classifiers.wording import bounded, percent

CARD_FILE = "README.md"
PARTS = ("out_of_fold", "held_out")  # in the order that the card gives them
_TITLES = {"out_of_fold": "all patients, out of fold", "held_out": "held-out patients"}
_WHOSE = {
    "out_of_fold": "the procedure's: networks trained in the same way, on the other folds",
    "held_out": "the served networks'",
}
_MEASURES = {
    "auc": "AUC",
    "accuracy": "Accuracy at 0.5",
    "brier": "Brier score",
    "log_loss": "Log loss",
}
_HUB_TYPES = {  # as the Hub names them; it knows no log loss
    "auc": "roc_auc",
    "accuracy": "accuracy",
    "brier": "brier_score",
}
_ALTS = (
    "Observed frequency against predicted probability, out of fold",
    "Net benefit against the threshold, out of fold",
    "AUC of random test sets, and of the held-out one",
)
_USE = """```python
from classifiers import HeartModel

model = HeartModel.from_pretrained("user/heart")  # the name of this repo
print(model.predict({"age": 61, "sex": "male", "cp": 4}))
```"""
_AT_THRESHOLD = (
    "sensitivity",
    "specificity",
    "precision",
    "negative_predictive_value",
    "net_benefit",
    "calibration_intercept",
    "calibration_slope",
)


def write_card(folder: str | Path) -> Path:
    """Writes the card of a saved model, and its pictures, beside it.

    Raises:
        ArtifactError: the folder does not load.
    """
    path, model = Path(folder) / CARD_FILE, HeartModel.load(folder)
    write_pictures(model, folder)
    path.write_text(render_card(model), encoding="utf-8")
    return path


def render_card(model: HeartModel, *, pictures: bool = True) -> str:
    """The card as Markdown with a YAML front matter (JSON values, which YAML reads).

    `pictures`: whether it shows the files that `write_card` puts beside it.
    """
    front = "\n".join(f"{key}: {json.dumps(value)}" for key, value in _front(model).items())
    sections = "\n\n".join(f"## {title}\n\n{text}" for title, text in _sections(model, pictures))
    title = "# Risk of heart disease from 13 clinical features"
    return f"---\n{front}\n---\n\n{title}\n\n{_USE}\n\n{sections}\n"


def name_repo(card: bytes, repo: str) -> bytes:
    """A card whose snippet loads from the repo that it is pushed to."""
    return card.replace(b'pretrained("user/heart")', f'pretrained("{repo}")'.encode())


def _front(model: HeartModel) -> dict[str, Any]:
    evaluation, source = model.artifact.metadata.evaluation, model.artifact.metadata.source
    results = [
        {
            "task": {"type": "tabular-classification", "name": "Heart disease present"},
            "dataset": {
                "type": "uci-heart-disease",
                "name": f"UCI Heart Disease, {source.name}, {_TITLES[part]}",
                "split": part,
                "revision": source.sha256,
            },
            "metrics": [
                {
                    "type": _HUB_TYPES[name],
                    "name": label,
                    "value": round(evaluation[part]["metrics"][name]["value"], 4),
                }
                for name, label in _MEASURES.items()
                if name in _HUB_TYPES
            ],
        }
        for part in PARTS
    ]
    return {
        "language": "en",
        "license": "apache-2.0",
        "library_name": "pytorch",
        "pipeline_tag": "tabular-classification",
        "tags": ["tabular-classification", "heart-disease", "calibration", "education"],
        "metrics": list(_HUB_TYPES.values()),
        "model-index": [{"name": model.artifact.metadata.task, "results": results}],
    }


def _sections(model: HeartModel, pictures: bool) -> Iterable[tuple[str, str]]:
    """TRIPOD+AI's sections, each with its numbers of that checklist."""
    report = heart_report(model)
    yield from _purpose(model, report)
    yield from _patients(model, report)
    yield from _method(model, report)
    yield from _rest(model, report, pictures)


Report = dict[str, Any]


def _counts(report: Report) -> tuple[int, int, int]:
    """Patients, those of them with disease, those held out."""
    every = report["out_of_fold"]
    return every["patients"], every["cases"], report["held_out"]["patients"]


def _purpose(model: HeartModel, report: Report) -> Iterable[tuple[str, str]]:
    metadata = model.artifact.metadata
    evaluation = metadata.evaluation
    audit = metadata.evaluation["audit"]
    patients, _, held = _counts(report)
    sets = random_test_sets(model)
    yield (
        "Summary [2]",
        f"A small neural network that gives the probability of heart disease (a coronary artery "
        f"narrowed by more than half) for a patient sent to angiography, developed on "
        f"{patients} patients of one hospital in the 1980s. It is made for teaching. "
        "**It is no medical device and must not be used to decide on a patient.** Out of fold, "
        f"on all {patients} patients, its AUC is {_interval(evaluation['out_of_fold'], 'auc')}. On "
        f"the {held} patients that the served networks never saw it is "
        f"{_interval(evaluation['held_out'], 'auc')}; of {sets['sets']:,} random test sets of that "
        f"size, predicted out of fold, {percent(sets['auc']['share'])} look at least as good. The "
        f"same {held}, predicted out of fold, give {sets['same_patients']:.3f}"
        + (": it is these patients, not better networks." if sets["easy"] else "."),
    )
    yield (
        "Background and objectives [3, 4]",
        "Copies of this data circulate with inverted, narrowed or repeated labels, and models "
        "trained on them are published without intervals. The aim is a model trained on the "
        "original that says how sure it is, and a lesson in how to see what such numbers are "
        "worth. Intended users are learners and teachers; there is no intended clinical use.",
    )
    findings = "; ".join(finding["message"] for finding in audit["findings"]) or "nothing"
    yield (
        "Source of data [5]",
        f"UCI Heart Disease (Janosi, Steinbrunn, Pfisterer, Detrano; 1988), doi 10.24432/C52P4X, "
        f"licence CC BY 4.0. File `{metadata.source.name}`, SHA-256 `{metadata.source.sha256}`, "
        f"recognised as `{audit['known_copy']}`. The audit that every file passes found: "
        f"{findings}.",
    )


def _patients(model: HeartModel, report: Report) -> Iterable[tuple[str, str]]:
    metadata = model.artifact.metadata
    audit = metadata.evaluation["audit"]
    patients, cases, held = _counts(report)
    yield (
        "Participants [6, 20]",
        f"{patients} patients referred for angiography at the Cleveland Clinic, {cases} "
        f"({percent(cases / patients)}) with disease. How they were chosen is not recorded in the "
        "file; a referred group is sicker than people at large.",
    )
    yield "Data preparation and predictors [7, 9]", _predictors(model)
    levels = ", ".join(f"{num}: {count}" for num, count in audit["label_counts"].items())
    yield (
        "Outcome [8]",
        f"Disease present: UCI's `num` above 0 (patients by `num`: {levels}). No follow-up: the "
        "model says what angiography would show, not what will happen.",
    )
    yield (
        "Sample size [10]",
        f"All patients of the file. {' '.join(describe_sample_size(model))} {held} patients are "
        "held out, so the interval of every held-out figure is wide; read it before the figure.",
    )
    lacking = ", ".join(f"`{name}` {n}" for name, n in audit["missing"].items() if n) or "none"
    yield (
        "Missing data [11]",
        f"In the file: {lacking}. The risk of a patient with unknown fields is averaged over what "
        "these may be, given the known ones: a Gaussian with the mean and the covariance of the "
        "training patients' inputs, conditional on what is known. No typical value is filled in, "
        "an unknown field adds nothing to the explanation, and a category that no training "
        "patient had counts as unknown. Every such value is warned of in the prediction."
        + describe_least_known(metadata.evaluation),
    )


def _method(model: HeartModel, report: Report) -> Iterable[tuple[str, str]]:
    metadata = model.artifact.metadata
    evaluation = metadata.evaluation
    members, point = metadata.training.members, metadata.point_members
    patients, cases, held = _counts(report)
    yield (
        "Analytical methods [12]",
        f"{describe_choices(model)} The prediction is the mean of {point} networks; "
        f"{members - point} more, refitted to randomly reweighted patients (Bayesian bootstrap), "
        f"give its 90 % interval. {describe_interval(evaluation.get('interval'))} Preprocessing is "
        "fitted on training rows only. Seeds: "
        + ", ".join(f"{name} {seed}" for name, seed in sorted(metadata.seeds.items()))
        + ".",
    )
    yield (
        "Class imbalance and model output [13, 15]",
        f"None corrected: {percent(cases / patients)} have disease. The output is a probability; "
        f"the default threshold is {model.threshold:.3g}, and the costs of the two errors should "
        "set another.",
    )
    yield (
        "Training and evaluation [16, 21]",
        f"Trained on {patients - held} patients, {cases - report['held_out']['cases']} of them "
        f"with disease. Held out: {held} of the lesson's random split, "
        f"{report['held_out']['cases']} with disease, seen by no fit. Out of fold: "
        f"{evaluation['out_of_fold']['folds']}-fold stratified cross-validation, "
        f"{len(evaluation['out_of_fold']['probabilities'])} repeats, preprocessing inside the "
        "fold. Intervals are 95 %: Wilson's for proportions, bootstrap for the rest.",
    )


def _rest(model: HeartModel, report: Report, pictures: bool) -> Iterable[tuple[str, str]]:
    metadata = model.artifact.metadata
    yield (
        "Ethics, funding, registration, protocol, involvement [17, 18, 19]",
        "Public, anonymised data; no ethical approval was sought, no protocol registered, no "
        "funding received, no patients involved. Code, weights and this card are open; the data "
        "is at UCI.",
    )
    yield (
        "Specification [22]",
        "`model.safetensors` holds the weights and the preprocessing; `metadata.json` the feature "
        "schema, the settings, the evaluation and golden outputs that loading checks. SHA-256 of "
        f"the weights: `{metadata.model.sha256}`.",
    )
    yield "Performance [23]", _performance(model, report, pictures)
    yield from _experiments(model)
    yield (
        "Updating [24]",
        "None. The model is trained once from one file and replaced as a whole.",
    )
    yield (
        "Interpretation and limits [25, 26]",
        "One hospital, decades ago, patients already suspected to be ill, two recorded codes for "
        "sex, no record of ethnicity or treatment. Several fields come from tests that are made "
        "only when disease is suspected. Shapley values and what-ifs describe the model and not "
        "the body: changing a value does not change the risk.",
    )
    yield (
        "Use [27]",
        "Give the 13 features in UCI's codes; leave out what is unknown. Heed the warnings: a "
        "value outside the training range, an unseen category, a missing value. Out of scope: "
        "diagnosis, screening, triage, insurance, and any decision about a person.",
    )


def _interval(part: Mapping[str, Any], name: str) -> str:
    return bounded(part["metrics"][name])


def _table(header: list[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _predictors(model: HeartModel) -> str:
    rows = []
    for about, column in zip(
        model.artifact.metadata.features, model.preprocessor.columns, strict=True
    ):
        if isinstance(column, NumericalColumn):
            values = f"{column.low:g} to {column.high:g} {about['unit'] or ''}".strip()
        else:
            labels = {code["value"]: code["label"] for code in about["codes"]}
            named = [(f"{code:g}", labels.get(code, "unlisted")) for code in column.codes]
            values = ", ".join(f"{c} = {label}" if c != label else c for c, label in named)
        rows.append([f"`{about['name']}`", about["meaning"], values])
    return (
        "Numbers are standardised, categories one-hot encoded. Training ranges and codes:\n\n"
        + _table(["feature", "meaning", "in training"], rows)
    )


def _performance(model: HeartModel, report: Mapping[str, Any], pictures: bool) -> str:
    parts = []
    for name in PARTS:
        record = model.artifact.metadata.evaluation[name]
        baseline = record["logistic_regression"]
        rows = [
            [
                label,
                bounded(record["metrics"][key]),
                bounded(baseline["metrics"][key]),
                bounded(baseline["difference"][key]),
            ]
            for key, label in _MEASURES.items()
        ]
        header = ["", "this model", "logistic regression", "difference, paired"]
        title = f"**{_TITLES[name].capitalize()}** ({_WHOSE[name]})"
        parts.append(f"{title}\n\n{_table(header, rows)}")
    sets = random_test_sets(model)
    size = sets["patients"]
    header = ["", "central 95 % of the sets", f"the held-out {size}", "sets at least as good"]
    parts.append(
        f"**Random test sets of {size}**, {sets['sets']:,} of them, drawn from all patients and "
        f"predicted out of fold\n\n{_table(header, describe_test_sets(sets))}"
    )
    known = describe_known_fields(model.artifact.metadata.evaluation)
    if known:
        header = ["known", "AUC", "log loss", "difference from a regression on these fields"]
        parts.append(f"**By what is known of a patient, out of fold**\n\n{_table(header, known)}")
    used = describe_importance(model.artifact.metadata.evaluation)
    if used:
        header = ["field", "mean absolute Shapley value, log odds", "AUC lost when it is hidden"]
        parts.append(f"**What the model uses**\n\n{_table(header, used)}")
    if pictures:
        parts += [f"![{alt}]({name})" for name, alt in zip(PICTURES, _ALTS, strict=True)]
    rows = [
        [key.replace("_", " ").capitalize(), *(bounded(report[n]["metrics"][key]) for n in PARTS)]
        for key in _AT_THRESHOLD
    ]
    counts = [
        [key.replace("_", " ").capitalize(), *(str(report[n]["counts"][key]) for n in PARTS)]
        for key in report["held_out"]["counts"]
    ]
    header = ["", *(f"{_TITLES[n]} ({report[n]['patients']})" for n in PARTS)]
    parts.append(
        f"**At the threshold {report['threshold']:.3g}** (out of fold: the procedure's figures, of "
        "each patient's mean probability over the repeats; held out: the served networks')\n\n"
        f"{_table(header, [*counts, *rows])}"
    )
    costs = report["costs"]
    parts.append(
        f"**The threshold for a false negative at {costs['false_negative']:g} and a false "
        f"positive at {costs['false_positive']:g}**\n\n" + "\n".join(_bullets(report["findings"]))
    )
    return "\n\n".join(parts)


def _experiments(model: HeartModel) -> Iterable[tuple[str, str]]:
    """Baselines, fairness and external validation, and what the method experiments show."""
    if not model.artifact.metadata.evaluation.get("experiments"):
        yield (
            "Fairness, external validation, method [14, 23]",
            "Not measured for these weights: scripts/train.py heart-experiments has not been run.",
        )
        return
    found = {item["key"]: item for item in describe_experiments(model)}
    titles = {
        "baselines": "Baselines [23]",
        "slices": "Fairness: groups of patients [14]",
        "sites": f"External validation: {', '.join(SITE_NAMES.values())} [23]",
    }
    for key, title in titles.items():
        yield title, "\n".join(_bullets(found[key]["findings"]))
    rest = [item for key, item in found.items() if key not in titles]
    yield (
        "Method and defects of the data's copies, measured [7, 26]",
        f"{rest[0]['ran']}\n\n"
        + "\n\n".join(
            f"**{item['title']}.** {item['asked']}\n\n" + "\n".join(_bullets(item["findings"]))
            for item in rest
        ),
    )


def _bullets(texts: Iterable[str]) -> Iterable[str]:
    return (f"- {text}" for text in texts)
