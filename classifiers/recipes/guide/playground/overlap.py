"""What the data allow, whatever the network."""

from collections.abc import Iterator

from classifiers.config import PlaygroundConfig
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide.step import Computed, Measured, Option, Step
from classifiers.wording import percent


def measured_by(key: str) -> Computed:
    """What an exercise measures: its report."""
    return Computed(lambda: exercise(key).steps())


def _metrics(measured: Measured) -> dict[str, dict[str, float]]:
    return {name: run["metrics"] for name, run in measured["results"].items()}


def _perfect(measured: Measured) -> int:
    """On how many of the three even a score of one of 10,000 errors less is out of the question."""
    runs = _metrics(measured).values()
    return [percent(run["bayes_accuracy"]) for run in runs].count(percent(1.0))


def _tell(measured: Measured) -> Iterator[str]:
    runs = _metrics(measured)
    scores = ", ".join(
        f"{name}: {percent(run['fresh_accuracy'])} of {percent(run['bayes_accuracy'])}"
        for name, run in runs.items()
    )
    yield f"On fresh points, the network's score of the best possible: {scores}."
    behind = max(run["bayes_accuracy"] - run["fresh_accuracy"] for run in runs.values())
    yield (
        f"It stays within {percent(behind)} of what is possible everywhere. What is missing at the "
        "widest spread is overlap: points of two classes in the same place, with nothing to tell "
        "them apart."
    )


OVERLAP = (
    Step(
        key="p7",
        title="Can it be perfect?",
        ask="The same network learns blobs of three spreads: 0.5, 1.5 and 4. On which of them can "
        "a network get every fresh point right?",
        options=(
            Option(
                "On none of them",
                "No network is perfect, you may think. But where blobs do not touch, a rule that "
                "parts them makes no error, and nothing forbids a network to find it.",
            ),
            Option(
                "On the tightest only",
                "Blobs look apart long before they are. Their outermost points are few, and it is "
                "these that land among the others.",
            ),
            Option(
                "On the two tighter ones",
                "To the eye the middle ones are apart. A few of their points still lie closer to "
                "another blob's centre than to their own, and no rule gets those right.",
            ),
            Option(
                "On all three, if it is large enough",
                "A larger network draws a finer boundary, but where two classes share a place "
                "there is no right side to be drawn on.",
            ),
        ),
        measure=measured_by("spread"),
        judge=_perfect,
        tell=_tell,
        now="Set the spread to 4 and add layers and units, as many as you like. Does the score on "
        "fresh points pass “best possible”?",
        covers=("try-it: change the dataset", "exercise 1"),
        terms=("class",),
        core=True,
        config=PlaygroundConfig.parse({"dataset": {"noise": 4.0}}),
    ),
)
