"""The lesson's steps for scripts and the page alike."""

from collections.abc import Callable, Iterator
from typing import Any

from classifiers.recipes.guide import answer, describe, step, steps
from classifiers.ui.endpoints.parameters import as_object, own_network
from classifiers.ui.gradio_internals.described import Parameter
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.guide import on_own, sources
from classifiers.ui.models import Served


def about_lesson(served: Callable[[], Served]) -> Callable[..., Iterator[dict[str, Any]]]:
    """The endpoint."""
    reads = sources(served)

    @speaks_plainly
    def lesson_step(
        key: str,
        option: float | list[float] | None = None,
        config: dict[str, Any] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Answers a step of the lesson: verdict, what was measured and why; null just shows it."""
        asked = step(key)
        own = None if config is None else as_object(config, "config")
        for news in answer(asked, option, on_own(reads, own)):
            yield {**describe(asked), **news} if isinstance(news, dict) else news

    return lesson_step


def lesson_parameters() -> dict[str, Parameter]:
    """Read when the endpoints are made."""
    known = steps()
    return {
        "key": Parameter(
            "The step: p1 to p16 of the playground, h1 to h10 of the heart, c1 to c9 of the "
            "capstone.",
            "p4",
            {"enum": list(known)},
        ),
        "option": Parameter(
            "The answer that is committed to: the number of an option from 0, a list of them where "
            "several things get one each, the number itself where one is guessed, a place [x1, x2] "
            "where a picture is pointed into. null shows the answer.",
            2,
            {
                "anyOf": [
                    {"type": "number"},
                    {"type": "array", "items": {"type": "number"}},
                    {"type": "null"},
                ]
            },
        ),
        "config": own_network(),
    }
