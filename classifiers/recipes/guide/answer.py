"""An answer to a step of the lesson: whether it is one, and what the step says to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from classifiers.errors import ConfigError
from classifiers.recipes.guide.glossary import GLOSSARY
from classifiers.recipes.guide.step import Measured, Right, Scale, Sources, Step

UNDECIDED = "The numbers don't decide this one: every answer has something for it."
PATIENCE = 3  # sentences, whatever was measured
_FAR_OFF = 1e6  # no picture reaches there


def answer(step: Step, option: Any, sources: Sources) -> Iterator[Any]:
    """A run for `classifiers.turns`; the last news are what `reveal` gives.

    Args:
        option: as `read_answer` takes it.

    Raises:
        ConfigError: `option` is none of the step's answers, or `sources` names a network of one's
            own for a step that is not about it.
        BudgetError: that network takes more work than a request may ask for.
        ArtifactError: a record that the step reads cannot be read.
    """
    said = read_answer(step, option)
    if sources.own is not None and not step.on_own:
        raise ConfigError(
            "config", f"must be null for step {step.key}, which is not about a network of one's own"
        )
    for news in step.measure(sources):
        if isinstance(news, Mapping):
            yield reveal(step, said, news)
            return
        yield news


def read_answer(step: Step, option: Any) -> Right:
    """An answer as it was sent; None = just show me.

    Raises:
        ConfigError: it is none of the step's answers.
    """
    if option is None or option == "":
        return None
    if step.scale is not None:
        return _on_scale(step.scale, option)
    wanted = f"must be the number of an option, 0 to {len(step.options) - 1}"
    if step.picture is not None:
        wanted += ", or a place [x1, x2] in the picture"
        if isinstance(option, list | tuple):
            return _place(option, wanted)
    if not step.rows:
        return _index(option, len(step.options), wanted)
    wanted = f"must be {len(step.rows)} numbers of options, 0 to {len(step.options) - 1}"
    if not isinstance(option, list | tuple) or len(option) != len(step.rows):
        raise ConfigError("option", f"{wanted}, one a row, got {str(option)[:60]}")
    return [_index(each, len(step.options), wanted) for each in option]


def _on_scale(scale: Scale, option: Any) -> float:
    number = isinstance(option, int | float) and not isinstance(option, bool)
    if not number or not scale.low <= option <= scale.high:
        raise ConfigError(
            "option",
            f"must be a number, {scale.low:g} to {scale.high:g}, got {str(option)[:60]}",
        )
    return float(option)


def _place(option: Sequence[Any], wanted: str) -> list[float]:
    numbers = [n for n in option if isinstance(n, int | float) and not isinstance(n, bool)]
    near = all(-_FAR_OFF <= n <= _FAR_OFF for n in numbers)  # neither NaN nor an endless integer
    if len(option) != 2 or len(numbers) != 2 or not near:
        raise ConfigError("option", f"{wanted}, got {str(option)[:60]}")
    return [float(n) for n in numbers]


def _index(option: Any, count: int, wanted: str) -> int:
    whole = isinstance(option, int | float) and not isinstance(option, bool) and option % 1 == 0
    if not whole or not 0 <= option < count:
        raise ConfigError("option", f"{wanted}, got {str(option)[:60]}; or null to be shown")
    return int(option)


def reveal(step: Step, said: Right, measured: Measured) -> dict[str, Any]:
    """Verdict, what is said to the answer, what was measured; JSON types.

    `verdict`: right, wrong, undecided where the numbers don't decide, shown where nothing was said.
    """
    right = step.judge(measured)
    chosen, there = _chosen(step, said, measured)
    verdict = _verdict(step, chosen, right, measured)
    shown = step.shows(measured).to_dict() if step.shows else None
    return {
        "key": step.key,
        "said": said,
        "right": right,
        "verdict": verdict,
        "because": [*there, *_because(step, chosen, right, verdict)],
        "told": list(step.tell(measured))[:PATIENCE],
        "exhibit": shown,
        "now": step.now,
        "code": step.code,
    }


def _chosen(step: Step, said: Right, measured: Measured) -> tuple[Right, list[str]]:
    """The option that a place in the picture stands for, and what the network says there."""
    if step.picture is None or not isinstance(said, Sequence):
        return said, []
    box = step.picture.result(measured).scene.extent
    x1, x2 = said
    if not (box.x_min <= x1 <= box.x_max and box.y_min <= x2 <= box.y_max):
        raise ConfigError(
            "option",
            f"must lie in the picture, x1 from {box.x_min:.3g} to {box.x_max:.3g} and x2 from "
            f"{box.y_min:.3g} to {box.y_max:.3g}, got {list(said)}",
        )
    option, there = step.picture.read(measured, x1, x2)
    return option, [there]


def _verdict(step: Step, said: Right, right: Right, measured: Measured) -> str:
    if said is None:
        return "shown"
    if right is None:
        return "undecided"
    if step.scale is not None:
        alike = step.scale.alike(measured) if step.scale.alike else ()
        low, high = (end([_number(right), *alike]) for end in (min, max))
        near = step.scale.near
        return "right" if low - near <= _number(said) <= high + near else "wrong"
    return "right" if _same(said, right) else "wrong"


def _number(value: Right) -> float:
    assert isinstance(value, int | float)
    return value


def _same(said: Right, right: Right) -> bool:
    both = [list(v) if isinstance(v, Sequence) else v for v in (said, right)]
    return both[0] == both[1]


def _because(step: Step, said: Right, right: Right, verdict: str) -> Iterator[str]:
    """A sentence of its own for each wrong option, row or side of a slider."""
    if verdict == "undecided":
        yield UNDECIDED
    if verdict != "wrong":
        return
    if step.scale is not None:
        below = _number(said) < _number(right)
        yield step.scale.too_low if below else step.scale.too_high
    elif isinstance(said, Sequence):
        assert isinstance(right, Sequence)
        for row, mine, true in zip(step.rows, said, right, strict=True):
            if mine != true:
                yield row.because
    else:
        assert isinstance(said, int)
        yield step.options[said].because


def describe(step: Step) -> dict[str, Any]:
    """The question, without its answer; JSON types."""
    scale = step.scale
    return {
        "key": step.key,
        "tab": step.tab,
        "title": step.title,
        "ask": step.ask,
        "options": [option.text for option in step.options],
        "rows": [row.text for row in step.rows],
        "scale": scale and {name: getattr(scale, name) for name in ("low", "high", "step", "unit")},
        "picture": step.picture is not None,
        "terms": {term: GLOSSARY[step.tab][term] for term in step.terms},
        "core": step.core,
    }
