"""Steps h8 and h9: from a risk to a call: the two errors, and what they cost."""

import math
from collections.abc import Iterator

import numpy as np

from classifiers.recipes.guide.heart.records import most, side
from classifiers.recipes.guide.step import Measured, Option, Scale, Sources, Step, Table, at_once
from classifiers.recipes.heart.report import LESSON_COSTS, PARTS, evaluated_parts, heart_report
from classifiers.wording import bounded_share, counted, percent, signed, verdict, whole_percent

MISSED, ALARMS, ALIKE = range(3)
_CHANCE = 0.05
_LOOKED_AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SLIDER = 100.0
_ASKED = LESSON_COSTS[1] / sum(LESSON_COSTS)  # the threshold that h8 names


def sign_test(a: int, b: int) -> float:
    """The chance that two counts, of which either is as likely, differ as much or more: exact.

    Each of the a + b errors is a fair coin; two-sided: twice the smaller tail, at most 1.
    """
    n = a + b
    tail = sum(math.comb(n, k) for k in range(min(a, b) + 1)) / 2**n
    return min(1.0, 2 * tail)


def _errors(sources: Sources) -> Measured:
    report = heart_report(sources.heart(), _ASKED, *LESSON_COSTS)
    return {"threshold": report["threshold"]} | {
        name: {
            "patients": report[name]["patients"],
            "missed": report[name]["counts"]["false_negative"],
            "alarms": report[name]["counts"]["false_positive"],
            "found": report[name]["metrics"]["sensitivity"],
            "spared": report[name]["metrics"]["specificity"],
            "chance": sign_test(
                report[name]["counts"]["false_negative"], report[name]["counts"]["false_positive"]
            ),
        }
        for name in PARTS
    }


def _judge_errors(measured: Measured) -> list[int]:
    def more(part: Measured) -> int:
        if part["chance"] >= _CHANCE:
            return ALIKE
        return MISSED if part["missed"] > part["alarms"] else ALARMS

    return [more(measured[name]) for name in PARTS]


def _tell_errors(measured: Measured) -> Iterator[str]:
    few, all_ = (measured[name] for name in PARTS)
    for part, who in ((few, "held-out patients"), (all_, "patients, out of fold")):
        yield (
            f"{part['patients']} {who}, called from {percent(measured['threshold'])} on: "
            f"{part['missed']} missed and {counted(part['alarms'], 'false alarm')}; an even coin "
            f"would differ as much or more in {percent(part['chance'])} of all tries."
        )
    yield (
        f"Of the ill it finds {bounded_share(few['found'])} and {bounded_share(all_['found'])}: "
        "the same kind of patients, and more patients make the range narrower."
    )


def _show_errors(measured: Measured) -> Table:
    rows = [
        (
            str(part["patients"]),
            str(part["missed"]),
            str(part["alarms"]),
            bounded_share(part["found"]),
            bounded_share(part["spared"]),
        )
        for part in (measured[name] for name in PARTS)
    ]
    head = (
        "Patients",
        "Missed",
        "False alarms",
        "Of the ill, called",
        "Of the healthy, not called",
    )
    return Table(head, rows)


def _priced(sources: Sources) -> Measured:
    model = sources.heart()
    report = heart_report(model, None, *LESSON_COSTS)
    best = report["best_threshold"]
    cuts = sorted({*_LOOKED_AT, best["theoretical"], best["value"]})
    parts = evaluated_parts(model)
    return {
        "best": best,
        "thresholds": cuts,
        **{name: parts[name].sample.rates(np.array(cuts)).cost(*LESSON_COSTS) for name in PARTS},
    }


def _judge_threshold(measured: Measured) -> float | None:
    """The cheapest where fresh patients tell that it is cheaper, else the theoretical one."""
    best = measured["best"]
    low, high = _alike(measured)
    if low <= 0 and high >= _SLIDER:
        return None
    cheaper = side(best["savings"]["theoretical"]["fresh"]) > 0
    return _SLIDER * (best["value"] if cheaper else best["theoretical"])


def _alike(measured: Measured) -> tuple[float, float]:
    """Which thresholds were cheapest in resamples of the patients: they can't be told apart."""
    best = measured["best"]
    return _SLIDER * best["low"], _SLIDER * best["high"]


def _tell_threshold(measured: Measured) -> Iterator[str]:
    best = measured["best"]
    yield (
        f"Theory asks for {percent(best['theoretical'])}, the false alarm's share of both costs, "
        f"if the risks are right; on {best['patients']} patients, each answered out of fold, "
        f"{percent(best['value'])} was cheapest."
    )
    theory, half = (best["savings"][rule]["fresh"] for rule in ("theoretical", "half"))
    yield (
        "On patients that did not choose it, the cheapest costs "
        f"{_costs_more(theory, 'theory', ' false alarms a patient')} and "
        f"{_costs_more(half, 'the usual half')}."
    )
    apart = "can" if side(theory) else "can't"
    yield (
        f"So these numbers {apart} tell the two apart: redrawing the patients, the cheapest lay "
        f"between {percent(best['low'])} and {percent(best['high'])} in {most()} draws, and theory "
        "has the merit that no patients chose it."
    )


def _costs_more(saves: Measured, rule: str, unit: str = "") -> str:
    """What the cheapest threshold costs beyond a rule, from what it saves against that rule."""
    ends = {"value": "value", "low": "high", "high": "low"}
    costs = {end: 0.0 - saves[other] for end, other in ends.items()}  # no negative zero
    told, word = (costs, "more") if costs["value"] >= 0 else (saves, "less")
    low, high = (signed(told[end]) for end in ("low", "high"))
    return f"{told['value']:.3f}{unit} {word} than {rule} [{low}, {high}] ({verdict(told)})"


def _show_prices(measured: Measured) -> Table:
    best = measured["best"]
    names = {"theory": best["theoretical"], "cheapest": best["value"]}
    rows = [
        (
            ", ".join([whole_percent(cut), *(name for name, own in names.items() if own == cut)]),
            *(f"{100 * c:.0f}" for c in costs),
        )
        for cut, *costs in zip(
            measured["thresholds"], *(measured[name] for name in reversed(PARTS)), strict=True
        )
    ]
    head = ("Threshold", "Cost of 100 patients, all out of fold", "of 100 held out")
    return Table(head, rows)


DECISION = (
    Step(
        key="h8",
        title="Two errors",
        ask="Patients with a risk of one third or more are called ill. A miss is an ill patient "
        "not called, a false alarm a healthy one called. Which happens more often, as far as "
        "these patients tell?",
        options=(
            Option("More misses", "The low threshold would have to let many ill patients pass."),
            Option("More false alarms", "The low threshold would have to catch many healthy."),
            Option("These patients can't tell", "The counts would have to be those of a coin."),
        ),
        rows=(
            Option(
                "The held-out patients",
                "One count is larger than the other, so that decides it, you may think. Errors "
                "this few fall so unevenly by chance alone, quite often.",
            ),
            Option(
                "All patients, answered out of fold",
                "What a few patients leave open stays open, you may think, or a good model errs "
                "evenly. The threshold was set low on purpose, and enough patients show it.",
            ),
        ),
        measure=at_once(_errors),
        judge=_judge_errors,
        tell=_tell_errors,
        now="Drag the threshold until there are about as many misses as false alarms. Is that a "
        "good place for it?",
        covers=("exercise 9",),
        terms=("risk", "threshold", "miss", "false alarm", "held out", "out of fold", "[a, b]"),
        core=True,
        place='Threshold #explorer [data-part="facts"]',
        touches=("look",),
        shows=_show_errors,
        code="called = risks >= 1 / 3  # not 0.5: misses are the dearer error\n"
        "missed = ((truth == 1) & ~called).sum()\n"
        "alarms = ((truth == 0) & called).sum()\n"
        "print(confusion_matrix(truth, called))  # rows: the truth; columns: what was called",
    ),
    Step(
        key="h9",
        title="A miss costs double",
        ask="A miss costs as much as two false alarms. From which risk on do you call a patient "
        "ill, so that all errors together cost least? Drag the threshold.",
        scale=Scale(
            low=0,
            high=100,
            step=1,
            unit="%",
            near=0.5,
            too_low="Calling nearly everybody misses nobody, you may think. But every healthy "
            "patient who is called costs too, and there are many of them.",
            too_high="Calling only who is surely ill avoids false alarms, you may think. But then "
            "ill patients are missed, and each of them costs double.",
            alike=_alike,
        ),
        measure=at_once(_priced),
        judge=_judge_threshold,
        tell=_tell_threshold,
        now="Set the cost of a miss to ten false alarms: where does theory go, and how wide is "
        "the range that costs about the same?",
        covers=("exercise 10", "exercise 10 in two unlinked places and without an answer"),
        terms=(
            "risk",
            "threshold",
            "miss",
            "false alarm",
            "held out",
            "out of fold",
            "[a, b]",
            "distinguishable from zero",
        ),
        core=True,
        place='Threshold #explorer [data-chart="cost"]',
        touches=("look",),
        shows=_show_prices,
        code="miss, alarm = 2, 1\n"
        "theory = alarm / (alarm + miss)  # here a call and no call cost the same on average\n"
        "cost = [miss * ((truth == 1) & (risks < t)).sum()\n"
        "        + alarm * ((truth == 0) & (risks >= t)).sum() for t in thresholds]\n"
        "cheapest = thresholds[np.argmin(cost)]  # of these patients: judge it on others",
    ),
)
