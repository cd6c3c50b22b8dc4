"""The lesson, as steps: a question, an answer that is committed to, what was measured.

Each tab's steps stand in the `STEPS` of a package beside this file.
"""

from functools import lru_cache
from itertools import takewhile
from typing import Any

from classifiers.errors import ConfigError
from classifiers.recipes.guide import capstone, heart, playground
from classifiers.recipes.guide.answer import answer, describe
from classifiers.recipes.guide.glossary import GLOSSARY
from classifiers.recipes.guide.step import CHIPS, Sources, Step

__all__ = [
    "GLOSSARY", "GOALS", "Sources", "Step", "answer", "describe", "question", "step", "steps",
]  # fmt: skip

# What somebody can do who has taken the steps of a tab.
GOALS = {
    "playground": "Tell classification from regression, build a network for two classes or many, "
    "choose its loss and targets, read its curves, and see what it decides where.",
    "heart": "Prepare a table of mixed columns without letting test patients leak in, train on it "
    "in batches, and turn a probability into a decision.",
    "capstone": "Recognise a network that is too small or too big, and say what one draw of "
    "points, a sweep or a best epoch can prove.",
}


@lru_cache(maxsize=1)
def steps() -> dict[str, Step]:
    """All steps by key, in the order in which they are taken."""
    return {step.key: step for step in (*playground.STEPS, *heart.STEPS, *capstone.STEPS)}


def step(key: Any) -> Step:
    """The step of that key.

    Raises:
        ConfigError: there is none.
    """
    known = steps()
    if not isinstance(key, str) or key not in known:
        names = ", ".join(known)
        raise ConfigError("key", f"must be one of {names}, got {str(key)[:40]!r}; pick one")
    return known[key]


def question(asked: Step, sources: Sources) -> dict[str, Any]:
    """What the page shows when the step is opened: `describe`, what is looked at with the question,
    what the page is set to when the answer is committed to, which of `CHIPS` it is about."""
    return {
        **describe(asked),
        "exhibit": asked.exhibit(sources).to_dict() if asked.exhibit else None,
        "config": asked.config.to_dict() if asked.config else None,
        "on_own": asked.on_own,
        "place": asked.place,
        "chips": chips(asked.key),
    }


_SECTIONS = {"dataset": "data", "network": "model", "training": "train"}


def chips(key: str) -> list[str]:
    """Which parts of the work a step changes against the one before it in its tab."""
    now = steps()[key]
    if now.touches is not None:
        return [chip for chip in CHIPS if chip in now.touches]
    earlier = takewhile(lambda other: other is not now, steps().values())
    settings = [other.config for other in earlier if other.tab == now.tab and other.config]
    if now.config is None or not settings:
        return ["look"]
    ours, theirs = now.config.to_dict(), settings[-1].to_dict()
    changed = {chip for section, chip in _SECTIONS.items() if ours[section] != theirs[section]}
    if ours["network"].get("outputs") != theirs["network"].get("outputs"):
        changed.add("loss")
    return [chip for chip in CHIPS if chip in changed] or ["look"]
