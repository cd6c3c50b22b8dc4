"""What the heart experiments show, in sentences whose every number comes from the artifact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from classifiers.data.heart.file import feature
from classifiers.errors import ArtifactError
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import (
    bounded,
    bounded_share,
    gap_points,
    gap_text,
    percent,
    verdict,
    with_spread,
)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Experiment:
    """One question put to the data; `find` turns the record into findings."""

    key: str
    title: str
    asked: str
    find: Callable[[Record], list[str]]


def describe_experiments(model: HeartModel) -> list[dict[str, Any]]:
    """Every experiment as {`key`, `title`, `asked`, `ran`, `findings` [text], `results`}.

    Raises:
        ArtifactError: the model carries no experiments.
    """
    record = experiments_of(model)
    method = (
        f"{record['splits']} random splits, {record['test_share']:.0%} of the patients tested on; "
        "intervals of differences allow for the splits' overlap."
    )
    groups = "The model's predictions for these patients, with 95 % intervals."
    return [
        {
            "key": item.key,
            "title": item.title,
            "asked": item.asked,
            "ran": groups if item.key in ("baselines", "slices", "sites") else method,
            "findings": item.find(record),
            "results": results_of(record, item.key),
        }
        for item in EXPERIMENTS
    ]


def experiments_of(model: HeartModel) -> Record:
    """The experiments' record in the model's metadata.

    Raises:
        ArtifactError: there is none.
    """
    record = model.artifact.metadata.evaluation.get("experiments")
    if not record:
        raise ArtifactError(
            "metadata.json",
            "has no evaluation.experiments; run scripts/train.py heart-experiments on this model",
        )
    return {**record, "evaluation": model.artifact.metadata.evaluation}


def results_of(record: Record, key: str) -> Any:
    """The numbers behind an experiment's findings."""
    methods = {
        "dropout": ("lesson", "dropout_0", "long", "long_dropout_0"),
        "layers": ("lesson", "two_hidden_layers"),
        "scaler": ("lesson", "scaler_before_split"),
        "encoding": ("lesson", "one_hot"),
    }
    if key in methods:
        return {name: record["methods"][name] for name in methods[key]}
    return record["defects"][key] if key in record["defects"] else record[key]


def _mean(summary: Mapping[str, float]) -> str:
    return with_spread(summary["mean"], summary["sd"])


def _effect(name: str, method: Record) -> str:
    gap = method["difference"]["test_accuracy"]
    loss = method["difference"]["test_log_loss"]
    return (
        f"{name}: test accuracy {gap_points(gap)}, {verdict(gap)}; log loss "
        f"{gap_text(loss)}, {verdict(loss)}."
    )


def _dropout(record: Record) -> list[str]:
    methods = record["methods"]
    short, plain = methods["lesson"], methods["dropout_0"]
    long, long_plain = methods["long"], methods["long_dropout_0"]
    return [
        f"The lesson expects training accuracy near 100 % without dropout. After its "
        f"{plain['epochs']} epochs it is {_mean(plain['train_accuracy'])}, against "
        f"{_mean(short['train_accuracy'])} with dropout; on test patients "
        f"{_mean(plain['test_accuracy'])} against {_mean(short['test_accuracy'])}.",
        _effect("Dropout 0 instead of 0.5", plain),
        f"After {long['epochs']} epochs the overfitting is there: training accuracy "
        f"{_mean(long_plain['train_accuracy'])} without dropout and "
        f"{_mean(long['train_accuracy'])} with, test accuracy "
        f"{_mean(long_plain['test_accuracy'])} and {_mean(long['test_accuracy'])}.",
        _effect(f"Dropout 0 instead of 0.5, {long['epochs']} epochs", long_plain),
    ]


def _layers(record: Record) -> list[str]:
    one, two = record["methods"]["lesson"], record["methods"]["two_hidden_layers"]
    patients = len(record["evaluation"]["out_of_fold"]["labels"])
    trained = patients - len(record["evaluation"]["held_out"]["labels"])
    return [
        f"One hidden layer: test accuracy {_mean(one['test_accuracy'])}; two: "
        f"{_mean(two['test_accuracy'])}.",
        _effect("A second hidden layer", two),
        f"It takes the network from {one['parameters']:,} to {two['parameters']:,} parameters, "
        f"on {trained} training patients.",
    ]


def _scaler(record: Record) -> list[str]:
    leak = record["methods"]["scaler_before_split"]
    gap = leak["difference"]["test_accuracy"]
    claim = "holds" if gap["low"] > 0 else "does not hold"
    return [
        _effect("Scaler fitted before the split", leak),
        f"That test accuracy goes up {claim} here: a mean and a standard deviation say next to "
        "nothing of a test patient's label. The rule stays right: steps that look at labels, or "
        "at more of the rows, leak more, as the repeated copy shows.",
    ]


def _encoding(record: Record) -> list[str]:
    ordinal, one_hot = record["methods"]["lesson"], record["methods"]["one_hot"]
    gap = one_hot["difference"]["test_auc"]
    return [
        f"Codes as amounts: test accuracy {_mean(ordinal['test_accuracy'])}; one-hot: "
        f"{_mean(one_hot['test_accuracy'])}.",
        _effect("One-hot instead of codes", one_hot),
        f"AUC: {gap_text(gap)}, {verdict(gap)}.",
    ]


def _lesson_labels(record: Record) -> list[str]:
    d = record["defects"]["lesson_labels"]
    return [
        f"{d['patients_mislabelled']} patients with disease carry the label 0. The network scores "
        f"{percent(d['accuracy_on_own_labels'])} on such labels, where calling everybody healthy "
        f"scores {percent(d['majority_share'])}, and {percent(d['accuracy_on_disease'])} on "
        "whether disease is there.",
        f"It finds {percent(d['sensitivity_on_disease'])} of the patients with disease and calls "
        f"{percent(d['mild_disease_called_healthy'])} of the mislabelled kind healthy; its mean "
        f"risk is {percent(d['mean_predicted'])} where {percent(d['disease_share'])} are ill.",
    ]


def _kaggle_labels(record: Record) -> list[str]:
    d = record["defects"]["kaggle_labels"]
    return [
        f"On its own labels the network scores {percent(d['accuracy_on_own_labels'])}, which "
        f"looks fine. Read as disease, it is right for {percent(d['accuracy_on_disease'])} of the "
        f"test patients, AUC {d['auc_on_disease']:.3f}.",
        f"Patients with disease are told {percent(d['mean_predicted_with_disease'])} on average, "
        f"those without {percent(d['mean_predicted_without_disease'])}.",
    ]


def _kaggle_codes(record: Record) -> list[str]:
    d = record["defects"]["kaggle_codes"]
    gap = d["difference"]
    return [
        f"Kaggle's codes in place of UCI's, labels kept: {gap_points(gap)} of test accuracy, "
        f"{verdict(gap)}. The harm is elsewhere: a patient entered in the other coding gets "
        "another patient's categories, and no error says so."
    ]


def _duplicates(record: Record) -> list[str]:
    d = record["defects"]["duplicates"]
    return [
        f"{d['rows']:,} rows of {d['patients']} patients: "
        f"{percent(d['test_rows_seen_in_training'])} of a random split's test rows are in training "
        f"too. A random forest scores {percent(d['forest'])} there and "
        f"{percent(d['forest_without_duplicates'])} without the repeats.",
        f"The lesson's network scores {percent(d['network'])} on the repeated rows, and "
        f"{percent(d['memorising_network'])} with no dropout and {d['memorising_epochs']} epochs: "
        "what memorises gains.",
    ]


def _split_luck(record: Record) -> list[str]:
    luck = record["split_luck"]
    network, linear = luck["network"], luck["logistic_regression"]
    return [
        f"With {luck['test_patients']} test patients, the accuracy of one network runs from "
        f"{percent(network['low'])} to {percent(network['high'])} in the central 95 % of "
        f"{record['splits']} splits (mean {percent(network['mean'])}); that of a logistic "
        f"regression from {percent(linear['low'])} to {percent(linear['high'])} (mean "
        f"{percent(linear['mean'])}).",
        f"The network is ahead on {percent(luck['network_wins'])} of the splits and level on "
        f"{percent(luck['ties'])}: one split can show either. On average "
        f"{gap_points(luck['difference'])}, {verdict(luck['difference'])}.",
    ]


_MEASURES = {"auc": "AUC", "accuracy": "accuracy", "brier": "Brier score", "log_loss": "log loss"}


def _baselines(record: Record) -> list[str]:
    out, held = record["evaluation"]["out_of_fold"], record["evaluation"]["held_out"]
    linear = "a logistic regression"
    return [
        _contest(f"Against {linear}, out of fold", out, out["logistic_regression"]),
        _contest(f"Against {linear}, held-out patients", held, held["logistic_regression"]),
        _contest("Against the majority class, out of fold", out, record["baselines"]["majority"]),
    ]


def _contest(title: str, ours: Record, theirs: Record) -> str:
    gaps = theirs["difference"]
    wins = [label for name, label in _MEASURES.items() if _better(name, gaps[name]) > 0]
    losses = [label for name, label in _MEASURES.items() if _better(name, gaps[name]) < 0]
    numbers = "; ".join(
        f"{label} {ours['metrics'][name]['value']:.3f} against "
        f"{theirs['metrics'][name]['value']:.3f}, difference {gap_text(gaps[name])}"
        for name, label in _MEASURES.items()
    )
    better, worse = (", ".join(names) or "nothing" for names in (wins, losses))
    return (
        f"{title}: {numbers}. The network is distinguishably better on {better}, worse on {worse}."
    )


def _better(name: str, gap: Mapping[str, float]) -> int:
    """1 where ours is distinguishably better, -1 where worse, else 0."""
    sign = -1 if name in ("brier", "log_loss") else 1
    return sign * ((gap["low"] > 0) - (gap["high"] < 0))


def _slices(record: Record) -> list[str]:
    return [
        f"{feature(group['by']).label} {group['group']} ({group['patients']} patients, "
        f"{group['cases']} with disease): AUC {bounded(group['auc'])}, sensitivity "
        f"{bounded_share(group['sensitivity'])}, specificity "
        f"{bounded_share(group['specificity'])}, mean risk "
        f"{percent(group['predicted']['value'])} against {percent(group['observed']['value'])} "
        "found."
        for group in record["slices"]
    ]


SITE_NAMES = {"hungarian": "Budapest", "switzerland": "Zurich and Basel", "va": "Long Beach"}


def _sites(record: Record) -> list[str]:
    found = []
    for name, site in record["sites"].items():
        worst = sorted(site["missing"].items(), key=lambda item: -item[1])[:3]
        lacking = ", ".join(f"{field} {percent(n / site['patients'])}" for field, n in worst)
        gap = site["calibration_intercept"]
        side = "too low" if gap["value"] > 0 else "too high"
        sure = "" if gap["low"] > 0 or gap["high"] < 0 else ", though it may be chance"
        found.append(
            f"{SITE_NAMES.get(name, name)} ({site['patients']} patients, {site['cases']} with "
            f"disease): AUC {bounded(site['auc'])}; mean risk {percent(site['predicted']['value'])}"
            f" against {percent(site['observed']['value'])} found, so risks are {side}{sure} "
            f"(calibration intercept {gap_text(gap)}). Most often unknown: "
            f"{lacking}.{_against_medians(site)}"
        )
    return found or ["The external files were not given when the experiments were run."]


def _against_medians(site: Record) -> str:
    """What averaging over unknown fields does, beside medians and slots for unknown."""
    other = site.get("filled_with_medians")
    if not other:
        return ""
    gap = site["log_loss"] - other["log_loss"]
    side = "better" if gap < 0 else "worse"
    return (
        f" Averaged over the unknown, the log loss is {site['log_loss']:.3f}; with medians instead "
        f"the same networks have {other['log_loss']:.3f} (AUC {other['auc']:.3f}, mean risk "
        f"{percent(other['predicted'])}), so averaging is {side} here by {abs(gap):.3f}."
    )


EXPERIMENTS = (
    Experiment(
        "dropout", "Dropout 0 or 0.5", "Does the network overfit without dropout?", _dropout
    ),
    Experiment("layers", "One or two hidden layers", "Does a second hidden layer help?", _layers),
    Experiment(
        "scaler",
        "The scaler before the split",
        "Does fitting the scaler on all rows raise the test accuracy?",
        _scaler,
    ),
    Experiment(
        "encoding", "Codes or one-hot", "May category codes be taken as amounts?", _encoding
    ),
    Experiment(
        "lesson_labels",
        "The lesson's file",
        "What does a network learn from labels that mean num >= 2?",
        _lesson_labels,
    ),
    Experiment(
        "kaggle_labels",
        "Kaggle's inverted labels",
        "What does a model say whose 1 means healthy?",
        _kaggle_labels,
    ),
    Experiment("kaggle_codes", "Kaggle's codes", "Do recoded categories matter?", _kaggle_codes),
    Experiment(
        "duplicates",
        "The copy with 1,025 rows",
        "Where does an accuracy of 0.99 come from?",
        _duplicates,
    ),
    Experiment(
        "split_luck",
        "The luck of the split",
        "How much does the choice of test patients decide?",
        _split_luck,
    ),
    Experiment("baselines", "Baselines", "Does the network beat simpler models?", _baselines),
    Experiment("slices", "Groups of patients", "Is it as good for everybody?", _slices),
    Experiment("sites", "Other hospitals", "Does it hold where it was not trained?", _sites),
)
