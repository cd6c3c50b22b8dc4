"""Steps h3 and h4: what a test is worth: leaks, dropout."""

from collections.abc import Iterator

import torch
from torch import nn

from classifiers.recipes.guide.heart.records import LOWERED, RAISED, experiments, score, side
from classifiers.recipes.guide.step import Measured, Option, Sources, Step, Table, at_once
from classifiers.recipes.heart.experiments.rows import POINT
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel, parse_patient
from classifiers.wording import (
    gap_points,
    gap_text,
    percent,
    verdict,
    whole_percent,
)

RAISES, SAME, LOWERS = range(3)
TRUE, FALSE = range(2)
_HIGH = 0.95  # what h4 asks of training accuracy
_ASKED = 200  # times one patient is asked
_PATIENT = "Between the two, age 57"


def _leaks(sources: Sources) -> Measured:
    record = experiments(sources)
    methods = record["methods"]
    gaps = [method["difference"]["test_accuracy"] for method in methods.values()]
    clean = methods["lesson"]["test_accuracy"]["mean"]
    copies = record["defects"]["duplicates"]
    return {
        "scaler": methods["scaler_before_split"]["difference"]["test_accuracy"],
        "clean": clean,
        "copies": copies,
        "copied": copies["network"] - clean,
        # No interval was measured for the copies: the widest of the others stands in for it.
        "doubt": max(gap["high"] - gap["low"] for gap in gaps) / 2,
        "splits": record["splits"],
    }


def _judge_leaks(measured: Measured) -> list[int] | None:
    gap, copied, doubt = measured["scaler"], measured["copied"], measured["doubt"]
    within = gap["low"] >= -POINT and gap["high"] <= POINT
    scaler = {RAISED: RAISES, LOWERED: LOWERS}.get(side(gap), SAME if within else None)
    repeated = None if abs(copied) <= doubt else RAISES if copied > 0 else LOWERS
    return None if scaler is None or repeated is None else [scaler, repeated]


def _tell_leaks(measured: Measured) -> Iterator[str]:
    gap, copies = measured["scaler"], measured["copies"]
    yield (
        f"The lesson expects a slight rise from the first leak; over {measured['splits']} splits "
        f"it is {gap_points(gap)}, {_ruled_out(gap)}."
    )
    yield (
        f"Of the repeated table's test rows {percent(copies['test_rows_seen_in_training'])} were "
        f"in training too. The lesson's network scores {percent(copies['network'])} there in place "
        f"of {percent(measured['clean'])} (more rows are also more steps); one trained until it "
        f"knows its rows by heart scores {percent(copies['memorising_network'])}, and a random "
        f"forest {percent(copies['forest'])} in place of "
        f"{percent(copies['forest_without_duplicates'])}."
    )
    yield (
        "So leaks differ by what they carry. Two habits stop both kinds: remove repeated patients "
        "before the split, and fit on training rows only."
    )


def _ruled_out(gap: Measured) -> str:
    if side(gap):
        return "so it rises" if side(gap) == RAISED else "so it falls"
    if gap["high"] > POINT:
        return "which leaves open whether it rises"
    return (
        "so a large rise is ruled out and a tiny one is not: a mean and a spread say next to "
        "nothing of any patient's disease"
    )


def _ask_often(model: HeartModel) -> dict[str, list[float]]:
    """The risks of one patient by one served network, asked many times in both modes."""
    row = parse_patient(SAMPLE_PATIENTS[_PATIENT])
    x = torch.from_numpy(model.ensemble.inputs(row[None])).expand(_ASKED, -1)
    risks = {}
    # nn.Linear and nn.Dropout draw from the random numbers that all share.
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(0)
        plain = _plain(model)
        for mode in ("train", "eval"):
            getattr(plain, mode)()
            risks[mode] = torch.sigmoid(plain(x))[:, 0].tolist()
    return risks


def _plain(model: HeartModel) -> nn.Sequential:
    """The first of the served networks, with the dropout that it was trained with."""
    layers: list[nn.Module] = []
    for layer in model.artifact.network.layers:
        _, inputs, outputs = layer.weight.shape
        linear = nn.Linear(inputs, outputs, dtype=layer.weight.dtype)
        linear.weight.copy_(layer.weight[0].T)
        linear.bias.copy_(layer.bias[0, 0])
        layers += [linear, nn.ReLU(), nn.Dropout(model.artifact.metadata.network.dropout)]
    return nn.Sequential(*layers[:-2])


# as it is told: (dropout, epochs): as it is recorded
_DROPOUT = {
    ("with", "short"): "lesson",
    ("no", "short"): "dropout_0",
    ("with", "long"): "long",
    ("no", "long"): "long_dropout_0",
}


def _dropped(sources: Sources) -> Measured:
    record, model = experiments(sources), sources.heart()
    risks = _ask_often(model)
    return {
        "methods": {told: record["methods"][name] for told, name in _DROPOUT.items()},
        "splits": record["splits"],
        "expected": 1.0,  # by the lesson, of training accuracy without dropout
        "share": model.artifact.metadata.network.dropout,
        "asked": _ASKED,
        "risks": risks,
        "steady": {mode: len(set(found)) == 1 for mode, found in risks.items()},
    }


def _reaches(summary: Measured) -> int | None:
    if summary["low"] >= _HIGH:
        return TRUE
    return FALSE if summary["high"] < _HIGH else None


def _judge_dropout(measured: Measured) -> list[int] | None:
    short, long = (
        _reaches(measured["methods"]["no", epochs]["train_accuracy"])
        for epochs in ("short", "long")
    )
    if short is None or long is None:
        return None
    steady = [TRUE if measured["steady"][mode] else FALSE for mode in ("eval", "train")]
    return [short, long, *steady]


def _answers(measured: Measured, mode: str) -> str:
    low, high = (percent(end(measured["risks"][mode])) for end in (min, max))
    return f"always {low}" if measured["steady"][mode] else f"{low} to {high}"


def _tell_dropout(measured: Measured) -> Iterator[str]:
    short, long = (measured["methods"]["no", epochs] for epochs in ("short", "long"))
    yield (
        f"The lesson expects about {whole_percent(measured['expected'])} in training without "
        f"dropout; measured over {measured['splits']} splits: {score(short['train_accuracy'])} "
        f"after its {short['epochs']} epochs, {score(long['train_accuracy'])} after "
        f"{long['epochs']}."
    )
    gap, loss = (long["difference"][f"test_{name}"] for name in ("accuracy", "log_loss"))
    yield (
        f"By then leaving dropout out changes test accuracy by {gap_points(gap)}, {verdict(gap)}, "
        f"and log loss by {gap_text(loss)}, {verdict(loss)}."
    )
    yield (
        f"One of this app's networks (dropout {whole_percent(measured['share'])}), asked "
        f"{measured['asked']} times about one patient, says {_answers(measured, 'train')} in "
        f"train() mode and {_answers(measured, 'eval')} in eval() mode, since dropout belongs to "
        "learning."
    )


def _show_dropout(measured: Measured) -> Table:
    rows = [
        (
            f"{dropout} dropout, {method['epochs']} epochs",
            score(method["train_accuracy"]),
            score(method["test_accuracy"]),
        )
        for (dropout, _), method in measured["methods"].items()
    ]
    return Table(("", "Training accuracy", "Test accuracy"), rows)


METHOD = (
    Step(
        key="h3",
        title="The scaler saw everything",
        ask="Test patients must be new to training. Two leaks: the scaler takes its means from "
        "all patients, test patients too; or patients stand in the table several times when it "
        "is split. What does test accuracy do?",
        options=(
            Option("It rises", "What training learned of the test patients would have to help."),
            Option("It hardly moves", "What leaked would have to be of no use."),
            Option("It falls", "What leaked would have to do harm."),
        ),
        rows=(
            Option(
                "The scaler is fitted before the split",
                "Any leak must show in the score, you may think. A mean over all patients hardly "
                "differs from one over the training patients, and tells nobody's disease.",
            ),
            Option(
                "A copy with 1,025 rows of 302 patients",
                "More rows look like more to learn from, or like no news at all. But the same "
                "patient stands on both sides, and is recognised rather than judged.",
            ),
        ),
        measure=at_once(_leaks),
        judge=_judge_leaks,
        tell=_tell_leaks,
        now="Open the rows about the scaler and about the copy: whose bar has an interval, and "
        "whose has none?",
        covers=(
            "try-it: deliberate leakage",
            "the leakage try-it under its name",
            "fit on training rows only",
        ),
        terms=("leak", "scaler", "spread", "split", "test accuracy", "random forest", "[a, b]"),
        core=True,
        place='Lessons #heart-lessons [data-key="scaler"]',
        touches=("data",),
        code="once = patients.drop_duplicates()  # or a patient is learned from and tested, too\n"
        "train_rows, test_rows = train_test_split(once, random_state=0)  # before any fitting\n"
        "# Amounts only, names are no numbers; and the means of training rows only.\n"
        "scaler = StandardScaler().fit(train_rows[AMOUNTS])\n"
        "x_train = scaler.transform(train_rows[AMOUNTS])\n"
        "x_test = scaler.transform(test_rows[AMOUNTS])  # as a new patient: by what is known",
    ),
    Step(
        key="h4",
        title="Dropout",
        ask="Dropout switches off random units in each training step. Without it, says the "
        "lesson, training accuracy nears 100 %. Which are true?",
        options=(
            Option("True", "It would have to be so on nearly all splits, or each time."),
            Option("False", "It would have to be otherwise on nearly all splits, or once."),
        ),
        rows=(
            Option(
                "No dropout, 50 epochs: over 95 %",
                "Without dropout nothing holds a network back, you may think. Time does: learning "
                "patients by heart takes many more steps than finding the rule.",
            ),
            Option(
                "No dropout, 500 epochs: over 95 %",
                "A network this small has no room for so many patients, you may think. It has more "
                "numbers to set than there are patients.",
            ),
            Option(
                "eval() mode: asked twice, a patient gets the same risk",
                "Dropout is part of the network, so it acts when predicting, you may think. "
                "eval() is what switches it off.",
            ),
            Option(
                "train() mode: asked twice, a patient gets the same risk",
                "The weights do not change by asking, that is true. But which units answer is "
                "drawn anew each time.",
            ),
        ),
        measure=at_once(_dropped),
        judge=_judge_dropout,
        tell=_tell_dropout,
        now="Open the two rows about dropout: which score tells the harm of 500 epochs without it, "
        "and which cannot?",
        covers=("what dropout and weight decay do", "train() and eval()"),
        terms=(
            "dropout",
            "epoch",
            "units",
            "training accuracy",
            "test accuracy",
            "train()",
            "eval()",
            "risk",
            "split",
            "log loss",
            "±",
            "[a, b]",
            "distinguishable from zero",
        ),
        place='Lessons #heart-lessons [data-key="long"]',
        touches=("model", "train"),
        shows=_show_dropout,
        code="network.train()  # units drop out: two calls, two risks\n"
        "print(torch.sigmoid(network(patient)), torch.sigmoid(network(patient)))\n"
        "network.eval()  # all units answer, so the risk is the patient's and not the draw's\n"
        "with torch.inference_mode():  # nothing is learned here: no slopes are kept\n"
        "    print(torch.sigmoid(network(patient)))",
    ),
)
