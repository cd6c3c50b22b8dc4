"""The experiments as rows of a picture: a question, a short answer, a verdict, differences.

Every difference is written so that more is better: of accuracy as it is, of log loss with its sign
turned. A verdict is decided from the intervals alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from classifiers.recipes.heart.findings import EXPERIMENTS, experiments_of
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import gap_points, gap_text, listed, signed_points, whole_percent

HELPS, NOTHING, UNKNOWN = "helps", "doesn't", "can't tell"
HARMFUL, MIXED = "harmful", "mixed"
CHIPS = (HELPS, NOTHING, UNKNOWN, HARMFUL, MIXED)
POINT = 0.01  # what an effect may be at most to be called none
MOST = {"accuracy": 0.10, "log_loss": 0.12}  # ends of the two scales

Gap = Mapping[str, float]  # value, low, high
Record = Mapping[str, Any]

_SIGN = {"accuracy": 1, "auc": 1, "log_loss": -1, "brier": -1}
_NAMES = {"accuracy": "accuracy", "auc": "AUC", "log_loss": "log loss", "brier": "Brier score"}


@dataclass(frozen=True)
class Row:
    """One experiment.

    `accuracy` and `log_loss` are {`value`, `low`, `high`, `text`, `apparent`}: `low` and `high` are
    None where no interval was measured, `apparent` says that the gain is none on new patients;
    None = not measured. `spread` [[difference, splits]] is how single splits lie around their mean.
    """

    key: str
    question: str
    answer: str
    chip: str
    details: list[str]
    accuracy: dict[str, Any] | None = None
    log_loss: dict[str, Any] | None = None
    spread: list[tuple[float, int]] = field(default_factory=list)


def judge(gaps: Sequence[Gap], *, apparent: bool = False) -> str:
    """The verdict on a change whose every measured test score is given, more being better.

    "Can't tell" where every interval holds 0, "doesn't" where they also lie within one point.
    `apparent`: a gain would be a leak, and so harmful.
    """
    better, worse = any(gap["low"] > 0 for gap in gaps), any(gap["high"] < 0 for gap in gaps)
    if better and worse:
        return MIXED
    if better or worse:
        return HELPS if better and not apparent else HARMFUL
    within = all(gap["low"] >= -POINT and gap["high"] <= POINT for gap in gaps)
    return NOTHING if within else UNKNOWN


def judge_alone(value: float, widest: float, *, apparent: bool = False) -> str:
    """The verdict on a difference without an interval of its own.

    It is told from 0 where it is larger than half of the widest interval among the others.
    """
    if abs(value) <= widest:
        return UNKNOWN
    return HELPS if value > 0 and not apparent else HARMFUL


def lessons_picture(model: HeartModel) -> dict[str, Any]:
    """All experiments but those on groups of patients, as JSON.

    Returns:
        `lead` and `method` (texts); `tally` [{`chip`, `count`}]; `most` {`accuracy`, `log_loss`},
        the ends of the scales; `sections` [{`title`, `rows` [as `Row`]}].

    Raises:
        ArtifactError: the model carries no experiments.
    """
    record = experiments_of(model)
    told = {item.key: item.find(record) for item in EXPERIMENTS}
    sections = {
        "The recipe": _recipe(record, told),
        "The copies of the data": _copies(record, told),
        "What the score is worth": _worth(record, told),
    }
    chips = [row.chip for rows in sections.values() for row in rows]
    patients = len(record["evaluation"]["out_of_fold"]["labels"])
    recipe, copies = ([row.chip for row in rows] for rows in list(sections.values())[:2])
    harm = copies.count(HARMFUL)
    return {
        "lead": f"{patients} patients can't tell {recipe.count(UNKNOWN)} of the recipe's "
        f"{len(recipe)} effects. {harm} of the data's {len(copies)} copies "
        f"{'does' if harm == 1 else 'do'} harm.",
        "method": f"{record['splits']} random splits, {record['split_luck']['test_patients']} "
        "patients tested on. Bars are 95 % intervals of the difference that allow for the splits' "
        "overlap. Two scores, right of zero is better: accuracy at 50 %, and log loss, the "
        "distance of stated risks from what was found.",
        "tally": [{"chip": chip, "count": chips.count(chip)} for chip in CHIPS if chip in chips],
        "most": MOST,
        "sections": [
            {"title": title, "rows": [asdict(row) for row in rows]}
            for title, rows in sections.items()
        ],
    }


def _improvement(measure: str, gap: Gap) -> dict[str, float]:
    """A difference so that more is better."""
    if _SIGN[measure] > 0:
        return {key: gap[key] for key in ("value", "low", "high")}
    return {"value": -gap["value"], "low": -gap["high"], "high": -gap["low"]}


def _drawn(measure: str, gap: Gap, *, apparent: bool = False) -> dict[str, Any]:
    better = _improvement(measure, gap)
    text = gap_points(better) if measure == "accuracy" else gap_text(better)
    text = f"{text} of {_NAMES[measure]}, more {'seems' if apparent else 'is'} better"
    return {**better, "text": text, "apparent": apparent}


def _alone(value: float, *, apparent: bool = False) -> dict[str, Any]:
    text = f"{'an apparent ' if apparent else ''}{signed_points(value)} of accuracy, no interval"
    return {"value": value, "low": None, "high": None, "text": text, "apparent": apparent}


def _says(gaps: Mapping[str, Gap]) -> str:
    """Which scores tell what: {measure: difference, more being better}."""
    sides = {
        "clearly better": [name for name, gap in gaps.items() if gap["low"] > 0],
        "clearly worse": [name for name, gap in gaps.items() if gap["high"] < 0],
    }
    told = [
        f"{listed([_NAMES[name] for name in names])} {'is' if len(names) == 1 else 'are'} {side}"
        for side, names in sides.items()
        if names
    ]
    silent = [_NAMES[n] for n, gap in gaps.items() if gap["low"] <= 0 <= gap["high"]]
    for side, names in sides.items():
        if len(names) == len(gaps) > 1:
            return f"every score is {side}."
    if not told:
        within = judge(list(gaps.values())) == NOTHING
        return "the effect is under one point either way." if within else "no score can tell."
    if silent:
        told.append(f"{listed(silent)} can't tell")
    return "; ".join(told) + "."


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _compared(
    key: str,
    question: str,
    differences: Mapping[str, Gap],
    details: list[str],
    *,
    start: str = "",
    answer: str = "",
    apparent: bool = False,
) -> Row:
    """A row whose every score has an interval. The answer is `answer`, or `start` and the rest."""
    gaps = _better(differences)
    accuracy, log_loss = (
        _drawn(measure, differences[measure], apparent=apparent) if measure in differences else None
        for measure in ("accuracy", "log_loss")
    )
    return Row(
        key,
        question,
        answer or _sentence(start + _says(gaps)),
        judge(list(gaps.values()), apparent=apparent),
        details,
        accuracy,
        log_loss,
    )


def improvements(method: Record) -> dict[str, Gap]:
    """A method's differences on test patients by measure, more being better."""
    return _better(_of_test(method))


def _of_test(method: Record) -> dict[str, Gap]:
    return {m: method["difference"][f"test_{m}"] for m in ("accuracy", "auc", "log_loss")}


def _better(differences: Mapping[str, Gap]) -> dict[str, Gap]:
    return {m: _improvement(m, differences[m]) for m in _SIGN if m in differences}


def _recipe(record: Record, told: Mapping[str, list[str]]) -> list[Row]:
    methods = record["methods"]
    short, plain = methods["lesson"], methods["dropout_0"]
    long, two = methods["long_dropout_0"], methods["two_hidden_layers"]
    without, with_it = (
        whole_percent(method["train_accuracy"]["mean"]) for method in (plain, short)
    )
    return [
        _compared(
            "dropout",
            f"Does leaving out dropout matter within {plain['epochs']} epochs?",
            _of_test(plain),
            told["dropout"][:2],
            answer=f"Training accuracy {without} without, {with_it} with; the lesson says 100 %.",
        ),
        _compared(
            "long", f"And over {long['epochs']} epochs?", _of_test(long), told["dropout"][2:]
        ),
        _compared(
            "layers",
            "Does a second hidden layer help?",
            _of_test(two),
            told["layers"],
            start=f"{short['parameters']:,} parameters become {two['parameters']:,}; ",
        ),
        _compared(
            "scaler",
            "Does fitting the scaler before the split flatter the test?",
            _of_test(methods["scaler_before_split"]),
            told["scaler"],
            apparent=True,
        ),
        _compared(
            "encoding",
            "Does one-hot help, against codes read as amounts?",
            _of_test(methods["one_hot"]),
            told["encoding"],
        ),
    ]


def _copies(record: Record, told: Mapping[str, list[str]]) -> list[Row]:
    defects = record["defects"]
    lesson, inverted = defects["lesson_labels"], defects["kaggle_labels"]
    recoded, repeated = defects["kaggle_codes"], defects["duplicates"]
    ill = sum(record["evaluation"]["out_of_fold"]["labels"])
    clean = recoded["accuracy_with_uci_codes"]

    def alone(key: str, question: str, answer: str, value: float, *, apparent: bool = False) -> Row:
        chip = judge_alone(value, _widest(record), apparent=apparent)
        return Row(key, question, answer, chip, told[key], _alone(value, apparent=apparent))

    told_ill, told_well = (
        whole_percent(inverted[f"mean_predicted_{who}_disease"]) for who in ("with", "without")
    )
    return [
        alone(
            "lesson_labels",
            f"The lesson's file: {lesson['patients_mislabelled']} of the {ill} ill labelled "
            "healthy",
            f"It misses {whole_percent(1 - lesson['sensitivity_on_disease'])} of the ill and "
            f"scores {whole_percent(lesson['accuracy_on_own_labels'])} on its own labels.",
            lesson["accuracy_on_disease"] - clean,
        ),
        alone(
            "kaggle_labels",
            "Kaggle's inverted labels",
            f"The ill are told {told_ill} on average, the healthy {told_well}.",
            inverted["accuracy_on_disease"] - clean,
        ),
        _compared(
            "kaggle_codes",
            "Kaggle's recoded categories",
            {"accuracy": recoded["difference"]},
            told["kaggle_codes"],
            answer="The score can't show the harm: a patient entered by the other code.",
        ),
        alone(
            "duplicates",
            f"The copy with {repeated['rows']:,} rows: where does {repeated['forest']:.2f} come "
            "from?",
            f"{whole_percent(repeated['test_rows_seen_in_training'])} of its test rows were in "
            "training too.",
            repeated["forest"] - repeated["forest_without_duplicates"],
            apparent=True,
        ),
    ]


def _widest(record: Record) -> float:
    """Half of the widest paired interval of accuracy in the record."""
    gaps = [method["difference"]["test_accuracy"] for method in record["methods"].values()]
    gaps += [record["defects"]["kaggle_codes"]["difference"], record["split_luck"]["difference"]]
    return max(gap["high"] - gap["low"] for gap in gaps) / 2


def _worth(record: Record, told: Mapping[str, list[str]]) -> list[Row]:
    luck, folded = record["split_luck"], record["evaluation"]["out_of_fold"]
    linear, majority = folded["logistic_regression"], record["baselines"]["majority"]
    network = luck["network"]
    low, high = (whole_percent(network[end]) for end in ("low", "high"))
    against_linear, against_majority, held_out = (told["baselines"][i] for i in (0, 2, 1))
    return [
        Row(
            "split_luck",
            "How much does the choice of test patients decide?",
            f"One split shows anything from {low} to {high} (bars: {record['splits']} splits).",
            judge([luck["difference"]]),
            [
                "The mark is the network against a logistic regression on the same splits; the "
                "bars are how far the network's accuracy on single splits lies from its mean.",
                *told["split_luck"],
            ],
            _drawn("accuracy", luck["difference"]),
            spread=_spread(network),
        ),
        _compared(
            "logistic_regression",
            "Does it beat a logistic regression?",
            linear["difference"],
            [against_linear, held_out],
            start="out of fold, ",
        ),
        _compared(
            "majority",
            'Does it beat saying "healthy" to everybody?',
            majority["difference"],
            [against_majority],
            start="out of fold, ",
        ),
    ]


def _spread(network: Record) -> list[tuple[float, int]]:
    """Differences of single splits from their mean, and how many splits show each."""
    seen = [round(value - network["mean"], 6) for value in network["accuracies"]]
    return [(gap, seen.count(gap)) for gap in sorted(set(seen))]
