"""Step h10: what has to be kept of a trained network, so that it can be asked again."""

from collections.abc import Iterator

import numpy as np
import torch

from classifiers.preprocessing import CategoricalColumn, NumericalColumn
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide.heart.patient import PATIENT
from classifiers.recipes.guide.step import Measured, Option, Sources, Step, Table, at_once
from classifiers.recipes.heart.model import HeartModel, parse_patient
from classifiers.wording import percent

WEIGHTS, SCALES, CODES, PATIENTS = range(4)  # what is kept, each with all before it
_SAME = 1e-9


def risk_from(model: HeartModel, row: np.ndarray, *, scales: bool, codes: bool) -> float:
    """The served risk of a row (13,) of known values by a program that kept less than all.

    Without `scales` numbers go in as they are. Without `codes` the encoder is fitted anew, to this
    one patient: each code is the first of its list then.
    """
    inputs: list[float] = []
    for column, value in zip(model.preprocessor.columns, row.tolist(), strict=True):
        if isinstance(column, NumericalColumn):
            inputs.append((value - column.mean) / column.scale if scales else value)
            continue
        assert isinstance(column, CategoricalColumn)
        known = column.codes if codes else (value,)
        slots = [float(code == value) for code in known]
        inputs += slots + [0.0] * (len(column.codes) + 1 - len(slots))
    network, points = model.artifact.network, model.artifact.metadata.point_members
    answers = network.probabilities(torch.tensor([inputs], dtype=torch.float64))
    return float(answers[:points, 0, 1].mean())


def _kept(sources: Sources) -> Measured:
    model = sources.heart()
    row = parse_patient(PATIENT, text=True)
    again = exercise("12").run(model)["results"]  # type: ignore[call-arg]
    risks = [
        risk_from(model, row, scales=scales, codes=codes)
        for scales, codes in ((False, False), (True, False), (True, True))
    ]
    return {
        "served": again["before"]["probability"],
        "loaded": again["after"]["probability"],
        "equal": again["equal"],
        "bytes": sum(again["bytes"].values()),
        "kept": dict(zip(("weights", "scales", "codes"), risks, strict=True)),
    }


def _judge_kept(measured: Measured) -> int | None:
    """The least that gives the served risk again."""
    served = measured["served"]
    enough = [abs(risk - served) <= _SAME for risk in measured["kept"].values()]
    return enough.index(True) if any(enough) else None


def _tell_kept(measured: Measured) -> Iterator[str]:
    kept = measured["kept"]
    yield (
        f"The lesson's patient has a risk of {percent(measured['served'])}. With raw "
        "amounts, and each code put in the first column of its field, the same weights say "
        f"{percent(kept['weights'])}; with the scales {percent(kept['scales'])}; with both "
        f"{percent(kept['codes'])}."
    )
    yield (
        "No error says so: a network takes any numbers. What turns a patient into numbers belongs "
        "in the file as much as the weights do."
    )
    same = "equal to the last digit" if measured["equal"] else "NOT equal"
    yield (
        f"This app's own model, saved with both and loaded again ({measured['bytes']:,} bytes), "
        f"says {percent(measured['loaded'])}: {same}."
    )


def _show_kept(measured: Measured) -> Table:
    names = ("the weights", "and the scales", "and the codes")
    rows = zip(names, map(percent, measured["kept"].values()), strict=True)
    return Table(("What the file holds", "The patient's risk"), list(rows))


KEEPING = (
    Step(
        key="h10",
        title="Save",
        ask="The network is trained; tomorrow another program, which builds the same layers, is to "
        "ask it about a patient. What is the least the file must hold, so that the same risk "
        "comes out?",
        options=(
            Option(
                "The weights",
                "All that was learned is in the weights, you may think. But they were learned for "
                "scaled numbers and for columns in one order, and fit no others.",
            ),
            Option(
                "Weights, and the fields' means and spreads",
                "With the scale right the numbers are right, you may think. The names are still "
                "codes, and which code has which column is known from training only.",
            ),
            Option(
                "Weights, means and spreads, lists of codes",
                "That looks complete. What came out is not the same, so something else is needed.",
            ),
            Option(
                "All of that, and the training patients",
                "A model seems to need its data. It needs what was computed from them, and keeping "
                "patients in a file that travels risks their privacy for nothing.",
            ),
        ),
        measure=at_once(_kept),
        judge=_judge_kept,
        tell=_tell_kept,
        now="Press “12. Save, load, predict”, then open “Show the code”: in which lines does the "
        "script keep both?",
        covers=("exercise 12", '11 and 12 ending in a count and in "true."'),
        terms=("risk", "weights", "spread", "code", "preprocessing"),
        place="Lessons #heart-exercise-12",
        touches=("model",),
        shows=_show_kept,
        code='kept = {"weights": network.state_dict(), "preprocessing": preprocessing}\n'
        'joblib.dump(kept, "heart.joblib")  # one file, so that they cannot be parted\n'
        'again = joblib.load("heart.joblib")  # a pickle: runs code, so only your own files\n'
        'network.load_state_dict(again["weights"])\n'
        'x = again["preprocessing"].transform(patient)  # not fitted again: one row has no spread',
    ),
)
