"""One network of a sweep trained again, with its film: a dot of the chart, looked at closely.

A member's numbers don't depend on the group it was trained in, so this is the very network.
"""

from collections.abc import Iterator

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import extent, sample
from classifiers.recipes.playground.result import Scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.recipes.sweep.members import single_threaded


def member_scene(config: SweepConfig, index: int, member: int) -> Scene:
    """The points and the split of one member at setting `index`, and the run that it made."""
    run = config.setting(index)
    data = run.dataset
    seed = data.seed + member
    drawn = sample(data, seed=seed) if config.new_points else sample(data)
    train, test = split_indices(len(drawn.x), run.training.test_share, seed)
    return Scene(_alone(run, member), drawn, train, train[:0], test, extent(drawn.x))


def _alone(run: PlaygroundConfig, member: int) -> PlaygroundConfig:
    """The run of one member. Fresh points stay those of all members: only the start is its own."""
    training = run.training.model_copy(update={"seed": run.training.seed + member})
    return run.model_copy(update={"training": training})


def train_again(scene: Scene) -> Iterator[Update]:
    """The updates of `run_playground`, with the film, on one torch thread as in the sweep.

    Raises:
        BudgetError: more work than one request may ask for; at the first `next`.
    """
    return single_threaded(run_playground(scene.config, scene=scene))
