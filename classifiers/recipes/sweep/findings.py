"""What a sweep shows, in sentences whose every number was computed from its rows.

Member k has the same split and the same seed at every value, so two values are compared member by
member: what one split has easier or harder than another falls out of the difference.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import SweepConfig
from classifiers.evaluation.metrics import Estimate
from classifiers.wording import listed, percent

Row = dict[str, Any]
_WORDS = {"weight_decay": "weight decay", "samples": "number of points"}


def find(config: SweepConfig, rows: Sequence[Row]) -> Iterator[str]:
    """The findings of a finished sweep, the most important first; rows in any order."""
    word = _WORDS.get(config.over, config.over)
    rows = sorted(rows, key=lambda row: row["value"])
    unseen = "test" if rows[0]["fresh_accuracy"] is None else "fresh"
    broken = [row for row in rows if row["diverged"]]
    if broken:
        yield (
            f"base.training.learning_rate: {config.base.training.learning_rate:g} is too high for "
            f"{sum(row['diverged'] for row in broken)} networks at {word} {_listed(broken)}: their "
            "loss stopped being a number. They count as they were before that."
        )
    if len(rows) > 1:
        yield from _sweet_spot(config, rows, word, unseen)
        yield from _own_choices(config, rows, word)
    yield from _gap(config, rows, word, unseen)
    if len(rows) > 1:
        yield from _loss(rows, word, unseen)


def paired_difference(ours: Row, theirs: Row, measure: str) -> Estimate:
    """Mean over members of ours minus theirs, with its 95 % interval (Student's t)."""
    return mean_interval(_members(ours, measure) - _members(theirs, measure))


def mean_interval(values: NDArray[np.float64]) -> Estimate:
    """The mean of (K,) values with its 95 % interval (Student's t); unbounded for K = 1."""
    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Estimate(mean, -np.inf, np.inf)
    from scipy.special import stdtrit  # half a second, and only needed here

    half = float(stdtrit(count - 1, 0.975) * values.std(ddof=1) / count**0.5)
    return Estimate(mean, mean - half, mean + half)


def _members(row: Row, measure: str) -> NDArray[np.float64]:
    return np.array(row[measure]["members"], dtype=np.float64)  # null, an infinite loss: NaN


def _listed(rows: Sequence[Row]) -> str:
    return listed([f"{row['value']:g}" for row in rows])


def _sweet_spot(config: SweepConfig, rows: Sequence[Row], word: str, unseen: str) -> Iterator[str]:
    measure, count = f"{unseen}_accuracy", config.members
    best = max(rows, key=lambda row: row[measure]["mean"])
    text = (
        f"The best mean accuracy on {unseen} points, {percent(best[measure]['mean'])}, is at "
        f"{word} {best['value']:g}"
    )
    bayes = best["bayes_accuracy"]
    if bayes is not None:
        text += f"; the best possible there is {percent(bayes)}"
    if count == 1:
        yield f"{text}. One member has no spread, so no two values can be told apart: take more."
        return
    yield f"{text}. The standard deviation over {count} members is {_points(best, measure)}."
    gaps = [(row, paired_difference(best, row, measure)) for row in rows if row is not best]
    alike = [row for row, gap in gaps if gap.low <= 0]
    worse = [row for row, gap in gaps if gap.low > 0]
    if alike:
        yield (
            f"It cannot be told apart from {word} {_listed(alike)}: member by member, the 95 % "
            "interval of the difference holds zero, so these members do not say which is better."
        )
    if worse:
        row, gap = max(((r, g) for r, g in gaps if g.low > 0), key=lambda pair: pair[1].value)
        which = "" if len(worse) == 1 else f" the furthest is {row['value']:g},"
        yield (
            f"Behind it by more than chance: {word} {_listed(worse)};{which} by "
            f"{100 * gap.value:.1f} points (95 % interval {100 * gap.low:.1f} to "
            f"{100 * gap.high:.1f})."
        )


def _own_choices(config: SweepConfig, rows: Sequence[Row], word: str) -> Iterator[str]:
    """What one would conclude from a single split and seed, as the lesson does."""
    if config.members == 1 or config.over in ("samples", "noise"):
        return
    scores = np.stack([_members(row, "test_accuracy") for row in rows])
    chosen = np.unique([rows[i]["value"] for i in scores.argmax(axis=0)])
    if len(chosen) > 1:
        yield (
            f"One split and one seed, judged by its test points, would have named anything from "
            f"{word} {chosen.min():g} to {chosen.max():g}: the {config.members} members give "
            f"{len(chosen)} different answers."
        )


def _gap(config: SweepConfig, rows: Sequence[Row], word: str, unseen: str) -> Iterator[str]:
    """The gap between training rows and unseen ones, where it is widest, and what closes it."""

    def gap(row: Row) -> float:
        return row["train_accuracy"]["mean"] - row[f"{unseen}_accuracy"]["mean"]

    def told(row: Row) -> str:
        return (
            f"at {word} {row['value']:g} it is {100 * gap(row):.1f} points "
            f"({percent(row['train_accuracy']['mean'])} on the training points, "
            f"{percent(row[f'{unseen}_accuracy']['mean'])} on {unseen} ones)"
        )

    if len(rows) == 1:
        yield f"The gap between training and {unseen} points: {told(rows[0])}."
        return
    first, last = rows[0], rows[-1]
    yield f"The gap between training and {unseen} points: {told(first)}; {told(last)}."
    if config.over in ("weight_decay", "dropout") and gap(first) > 0:
        best = max(rows, key=lambda row: row[f"{unseen}_accuracy"]["mean"])
        for row in [last] if best is first or best is last else [best, last]:
            yield _closing(word, unseen, first, row, 1 - gap(row) / gap(first))


def _closing(word: str, unseen: str, first: Row, row: Row, closed: float) -> str:
    """How `row` closes the gap of `first`: by learning less, by generalizing better, or both."""
    share = f"closes {100 * closed:.0f} % of" if closed < 1 else "closes all of"
    change = row["train_accuracy"]["mean"] - first["train_accuracy"]["mean"]
    gain = paired_difference(row, first, f"{unseen}_accuracy")
    text = (
        f"{word.capitalize()} {row['value']:g} {share if closed > 0 else 'does not close'} the "
        f"gap: the accuracy on training points changes by {100 * change:+.1f} points, on {unseen} "
        f"ones by {100 * gain.value:+.1f}"
    )
    if np.isinf(gain.high):
        return f"{text} (one member: no interval)."
    verdict = "more than chance" if gain.low > 0 or gain.high < 0 else "no more than chance"
    return f"{text} (95 % interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}, {verdict})."


def _loss(rows: Sequence[Row], word: str, unseen: str) -> Iterator[str]:
    """Overfitting shows in the loss long before it shows in accuracy."""
    measure = f"{unseen}_loss"
    known = [row for row in rows if row[measure] and row[measure]["mean"] is not None]
    if not known:
        return
    best = min(known, key=lambda row: row[measure]["mean"])
    worst = max(known, key=lambda row: row[measure]["mean"])
    yield (
        f"The loss on {unseen} points is lowest at {word} {best['value']:g} "
        f"({best[measure]['mean']:.3g}) and highest at {worst['value']:g} "
        f"({worst[measure]['mean']:.3g}): it also counts how sure the wrong answers were."
    )


def _points(row: Row, measure: str) -> str:
    return f"{100 * row[measure]['spread']:.2f} points"
