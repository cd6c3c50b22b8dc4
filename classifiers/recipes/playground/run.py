"""One playground run: data, network, training, film, and what can honestly be said of the end.

`run_playground` is a generator, so that whoever drives it can show progress, or stop the work by
closing it. It knows nothing of pages: the browser's form of a run is made in `ui`.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifiers.config import PlaygroundConfig, TrainingConfig
from classifiers.data.bayes import bayes_accuracy
from classifiers.film import Frame, Moment, frame_epochs
from classifiers.network import MLP
from classifiers.recipes.playground.budget import check_budget
from classifiers.recipes.playground.filming import Crew, confusion
from classifiers.recipes.playground.findings import find
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.playground.result import (
    History,
    HistoryRow,
    Result,
    Scene,
    build_scene,
)
from classifiers.training import Record, record_epochs, train

DENSE_EPOCHS = 20  # recorded one by one, since most happens there
LOOKED_EPOCHS = 200  # looked at one by one where a config says how often to look


@dataclass(frozen=True)
class Update:
    """News of a run: each of `row`, `frame` and `result` may be None. `result` comes last."""

    scene: Scene
    epoch: int
    row: HistoryRow | None = None
    frame: Frame | Moment | None = None
    result: Result | None = None

    @property
    def epochs(self) -> int:
        return self.scene.config.training.epochs


def recorded_epochs(epochs: int) -> list[int]:
    """The epochs of a run's history, and, unless its settings say otherwise, those that early
    stopping may go back to.

    They do not depend on whether a film is taken: it must not change the result.
    """
    return sorted({*range(min(epochs, DENSE_EPOCHS) + 1), *record_epochs(epochs)})


def looked_epochs(training: TrainingConfig) -> list[int]:
    """The epochs at which a run looks at its scores."""
    if training.record_every is None:
        return recorded_epochs(training.epochs)
    first = range(min(training.epochs, LOOKED_EPOCHS) + 1)
    return sorted({*first, *range(0, training.epochs, training.record_every), training.epochs})


def _thinned(looked: list[int], most: int = 250) -> list[int]:
    """Those of the epochs that a history has rows of."""
    if len(looked) <= most:
        return looked
    return sorted({*looked[: DENSE_EPOCHS + 1], *looked[:: -(-len(looked) // 200)], looked[-1]})


def run_playground(
    config: PlaygroundConfig,
    *,
    film: bool = True,
    weights: bool = False,
    scene: Scene | None = None,
) -> Iterator[Update]:
    """Trains what `config` describes, and yields updates at least four times a second.

    The first update is the untrained network (epoch 0), the last one holds the result.

    Args:
        config: the settings; the same ones give the same result on the same machine.
        film: whether to take frames.
        weights: whether the film of a small network is its weights instead of pictures.
        scene: data drawn and split before, when several runs share it or its picture's box.

    Raises:
        BudgetError: more work than one request may ask for; raised at the first `next`, before
            anything is computed.
    """
    check_budget(config, film=film)
    start = time.perf_counter()
    scene = scene or build_scene(config)
    data, training = config.dataset, config.training
    network = MLP(config.network, len(data.features), data.classes, training.members)
    network.initialize(training.seed)
    crew = Crew(network, scene, weights=weights)
    looked = looked_epochs(training)
    told = _thinned(looked)
    filmed = set(frame_epochs(told)) if film else set()
    history, last = History(), -1
    frames: list[Frame | Moment] = []
    record: Record | None = None
    for record in train(
        network,
        training,
        scene.rows("train"),
        test=scene.rows("test"),
        validation=scene.rows("validation") if len(scene.validation) else None,
        record_at=looked,
    ):
        if record.scores is None:
            yield Update(scene, record.epoch)
            continue
        # Under early stopping the last record is an epoch seen before, with the kept parameters.
        again, last = record.epoch == last, record.epoch
        tells = not again and record.epoch in told
        row = HistoryRow.of(record.epoch, record.scores) if tells else None
        frame = None
        if film and (again or record.epoch in filmed or (record.diverged_at >= 0).all()):
            frame = crew.take(record.epoch, kept=again)
            frames.append(frame)
        if row is not None:
            history.rows.append(row)
        yield Update(scene, record.epoch, row=row, frame=frame)

    assert record is not None  # train() always gives one
    yield from end_run(scene, network, history, frames, record, start)


def end_run(
    scene: Scene,
    network: MLP,
    history: History,
    frames: list[Frame | Moment],
    record: Record,
    start: float,
) -> Iterator[Update]:
    """What can be said of a trained network; the last update holds the result.

    Raises:
        RuntimeError: `record` has no scores.
    """
    if record.scores is None:
        raise RuntimeError("training ended without a scored record")  # train() always ends with one
    fresh: NDArray[np.float64] | None = None
    if scene.distribution_known:
        for scores in fresh_scores(network, scene.config):
            fresh = scores.accuracy
            yield Update(scene, record.epoch)
    result = Result(
        scene=scene,
        network=network,
        history=history,
        frames=frames,
        final=HistoryRow.of(record.epoch, record.scores).values,
        fresh=fresh,
        bayes=bayes_accuracy(scene.config.dataset) if scene.distribution_known else None,
        confusion=confusion(network, scene),
        diverged_at=record.diverged_at,
        best_epoch=record.best_epoch,
        seconds=time.perf_counter() - start,
    )
    yield Update(scene, record.epoch, result=replace(result, findings=tuple(find(result))))


def finish_playground(
    config: PlaygroundConfig, *, film: bool = False, scene: Scene | None = None
) -> Result:
    """The result of `run_playground`, for callers who do not need to hear in between."""
    for update in run_playground(config, film=film, scene=scene):
        if update.result is not None:
            return update.result
    raise RuntimeError("a run ended without a result")  # run_playground always ends with one
