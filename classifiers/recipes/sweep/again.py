"""One network of a sweep trained again, with its film: a dot of the chart, looked at closely.

A member's numbers don't depend on the group it was trained in, so this is the very network.
"""

from collections.abc import Iterator

from classifiers.config import SweepConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import extent, sample
from classifiers.recipes.playground.result import Scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.recipes.sweep.members import single_threaded, worlds


def member_scene(config: SweepConfig, index: int, member: int) -> Scene:
    """The world of one member at setting `index`, and the run that it made.

    Fresh points stay those of all members.
    """
    run = config.setting(index)
    [world] = worlds(run, [member], new_points=config.new_points)
    drawn = sample(run.dataset, seed=world.points)
    train, test = split_indices(len(drawn.x), run.training.test_share, world.split)
    validation = train[:0]
    stopping = run.training.early_stopping
    if stopping is not None and stopping.on == "validation":
        keep, held = split_indices(len(train), stopping.share, world.split)
        train, validation = train[keep], train[held]
    training = run.training.model_copy(update={"seed": world.start})
    own = run.model_copy(update={"training": training})
    return Scene(own, drawn, train, validation, test, extent(drawn.x))


def train_again(scene: Scene) -> Iterator[Update]:
    """The updates of `run_playground`, with the film, on one torch thread as in the sweep.

    Raises:
        BudgetError: more work than one request may ask for; at the first `next`.
    """
    return single_threaded(run_playground(scene.config, scene=scene))
