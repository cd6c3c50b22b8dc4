"""Films of weights against films of pictures, in the same process: processor time and bytes."""

import argparse
import time
from collections.abc import Callable

from classifiers.compute.parallel import share_cores
from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import Show
from classifiers.ui.playground.play import PlayedRun
from scripts.benchmarks.playground.settings import BLOBS, MEMBERS, SPIRALS
from scripts.benchmarks.service.process import Checks

MOST_SHARE = 0.6


def pictures(config: PlaygroundConfig, scene: Scene) -> int:
    """Bytes of the whole film."""
    show = Show(["run"])
    for update in run_playground(config, scene=scene):
        show.take(update)
        if update.result is None and show.due():
            show.message()
    return len(show.message("done"))


def weights(config: PlaygroundConfig, scene: Scene) -> int:
    run = PlayedRun(config, scene).play(until=config.training.epochs)
    *_, last = (told[0] for told in run if isinstance(told, tuple))
    return len(last)


def seconds(
    film: Callable[[PlaygroundConfig, Scene], int], config: PlaygroundConfig, scene: Scene
) -> float:
    start = time.process_time()
    film(config, scene)
    return time.process_time() - start


def bench_films(args: argparse.Namespace) -> None:
    share_cores()
    for name, settings in {"blobs": BLOBS, "five members": MEMBERS, "spirals": SPIRALS}.items():
        config = PlaygroundConfig.parse(settings)
        scene = build_scene(config)
        sizes = pictures(config, scene), weights(config, scene)
        turns = [
            (seconds(pictures, config, scene), seconds(weights, config, scene))
            for _ in range(args.repeats)
        ]
        theirs, ours = (1e3 * min(times) for times in zip(*turns, strict=True))
        checks = Checks(f"CPU of a film, {name}")
        checks.note(f"pictures {theirs:.0f} ms, {sizes[0] / 1e3:.0f} kB")
        checks.note(f"weights {ours:.0f} ms, {sizes[1] / 1e3:.0f} kB")
        if name == "blobs":
            checks.at_most("of the pictures' CPU", ours / theirs, MOST_SHARE, "x")
        else:
            checks.note(f"{ours / theirs:.2f}x")
        checks.close()
