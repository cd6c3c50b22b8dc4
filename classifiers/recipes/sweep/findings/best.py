"""Which setting does best on unseen points, and has the lowest loss there."""

from collections.abc import Callable, Iterator

import numpy as np

from classifiers.evaluation.comparison import LEAST_WORLDS
from classifiers.recipes.sweep.findings.table import Table
from classifiers.recipes.sweep.findings.verdict import CLAIM, Judged, Verdict, settle
from classifiers.wording import percent


def find_best(table: Table, judged: Judged) -> Iterator[str]:
    """The best accuracy, what can't be told from it, and what is worse."""
    verdict = settle(table.learned, range(len(table.rows)), judged.accuracy[0])
    if verdict is None:
        return
    best = verdict.best[0]
    limit = ""
    if np.isfinite(table.limit[best]):
        limit = f"; the best possible is {percent(table.limit[best])}"
    pairs = judged.accuracy[0]
    complete = len(pairs) == len(table.rows) * (len(table.rows) - 1) // 2
    if not any(pair.differs for pair in pairs.values()) and not verdict.few:
        low, high = table.ends()
        medians = (
            f"run from {table.typical(low)} ({table.name(low)}) to {table.typical(high)} "
            f"({table.name(high)})"
            if low != high
            else f"are all {table.typical(low)}"
        )
        yield (
            f"On {table.unseen} points no {table.word} can be told from "
            f"{'another' if complete else 'the best'} over {table.varied(whole=True)}. Their "
            f"medians {medians}{limit}."
        )
        return
    yield (
        f"On {table.unseen} points {_names(table, verdict)}, {table.typical(best)} (median over "
        f"{table.varied(whole=True)}){limit}.{_alike(table, verdict)}"
    )
    yield from _worse(table, verdict, "Worse", lambda gap: f"{100 * gap:.1f}", " points")
    if verdict.few:
        yield (
            f"Not compared: {table.names(verdict.few)}, where networks learned in fewer than "
            f"{LEAST_WORLDS} of {table.varied()}."
        )


def find_loss(table: Table, judged: Judged) -> Iterator[str]:
    """The same of the loss, by its logarithm: overfitting shows there long before it does in
    accuracy."""
    everything = range(len(table.rows))
    verdict = settle(-table.log_loss, everything, judged.loss[0]) if judged.loss else None
    if verdict is None:
        return
    where = f"The typical loss on {table.unseen} points"
    if not any(pair.differs for pair in judged.loss[0].values()) and not verdict.few:
        yield f"{where} differs no more than chance would have it, over {table.varied()}."
        return
    median = float(np.exp(np.nanmedian(table.log_loss[verdict.best[0]])))
    yield (
        f"{where}, which also counts how sure wrong answers were, is lowest "
        f"{table.at(verdict.best)}, {median:.3g} (median over {table.varied()})."
        f"{_alike(table, verdict)}"
    )
    yield from _worse(table, verdict, "Higher", lambda gap: f"{np.exp(gap):.3g}", "-fold")


def _names(table: Table, verdict: Verdict) -> str:
    names = table.names(verdict.best)
    return f"the best are, equally, {names}" if len(verdict.best) > 1 else f"the best is {names}"


def _alike(table: Table, verdict: Verdict) -> str:
    if not verdict.alike:
        return ""
    everything = not verdict.worse and not verdict.few and len(verdict.alike) > 1
    others = f"any other {table.word}" if everything else table.names(verdict.alike)
    return f" {table.they} can't tell {'them' if len(verdict.best) > 1 else 'it'} from {others}."


def _worse(
    table: Table, verdict: Verdict, word: str, told: Callable[[float], str], unit: str
) -> Iterator[str]:
    if verdict.furthest is None or verdict.lead is None:
        return
    several, lead = len(verdict.worse) > 1, verdict.lead
    notes = [table.name(verdict.furthest)] if several else []
    if lead.low > 0:  # else Holm's rule claims more than the interval shows
        notes.append(
            f"95 % interval for all comparisons at once {told(lead.low)} to {told(lead.high)}"
        )
    yield (
        f"{word} {CLAIM} over {table.varied()}: {table.names(verdict.worse)}, "
        f"{'at most ' if several else ''}{'' if unit == '-fold' else 'by '}{told(lead.value)}"
        f"{unit}{' (' + '; '.join(notes) + ')' if notes else ''}."
    )
