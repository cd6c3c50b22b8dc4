"""Films of weights against films of pictures: processor time, bytes, moments, a live change."""

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from classifiers.compute.parallel import share_cores
from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import Show
from classifiers.ui.playground.play import PlayedRun

SPIRALS = {
    "dataset": {"name": "spirals"},
    "training": {"epochs": 3000, "optimizer": "adam", "learning_rate": 0.01},
}
FILMS: dict[str, dict[str, Any]] = {
    "blobs 8-8": {},
    "five members": {"training": {"members": 5}},
    "3,000 epochs of spirals": SPIRALS,
}


def pictures(config: PlaygroundConfig, scene: Scene) -> int:
    """Bytes of the whole film."""
    show = Show(["run"])
    for update in run_playground(config, scene=scene):
        show.take(update)
        if update.result is None and show.due():
            show.message()
    return len(show.message("done"))


def messages(run: PlayedRun, epochs: int) -> Iterator[dict[str, Any]]:
    for told in run.play(until=epochs):
        if isinstance(told, tuple):
            yield json.loads(told[0])


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
    for name, settings in FILMS.items():
        config = PlaygroundConfig.parse(settings)
        scene = build_scene(config)
        sizes = pictures(config, scene), weights(config, scene)
        turns = [
            (seconds(pictures, config, scene), seconds(weights, config, scene))
            for _ in range(args.repeats)
        ]
        theirs, ours = (1e3 * min(times) for times in zip(*turns, strict=True))
        print(
            f"{name}: pictures {theirs:.0f} ms of CPU, {sizes[0] / 1e3:.0f} kB; weights {ours:.0f} "
            f"ms, {ours / theirs:.2f}x, {sizes[1] / 1e3:.0f} kB"
        )
    config = PlaygroundConfig.parse(SPIRALS)
    start = time.perf_counter()
    told = list(messages(PlayedRun(config, build_scene(config)), 3000))
    taken = time.perf_counter() - start
    epochs = {e for m in told[:-1] for e in m["stages"][0].get("frames", {"epochs": []})["epochs"]}
    print(f"3,000 epochs of spirals: {len(epochs) / taken:.0f} distinct moments a second")
    bench_change(config, args.repeats)


def bench_change(config: PlaygroundConfig, repeats: int) -> None:
    """From a change of the rate to the next message with a picture of an epoch after it."""
    times = []
    for _ in range(5 * repeats):
        run = PlayedRun(config, build_scene(config))
        steps = run.play()
        for _ in itertools.takewhile(lambda _, run=run: run.epoch < 200, steps):
            pass
        start = time.perf_counter()
        run.change({"learning_rate": 0.001})
        for told in steps:
            if isinstance(told, tuple):
                stage = json.loads(told[0])["stages"][0]
                changes = run.config.training.changes
                if changes and max(stage["frames"]["epochs"]) > changes[0].epoch:
                    break
        times.append(1e3 * (time.perf_counter() - start))
    print(f"a change of the rate to the first changed picture: at most {max(times):.0f} ms")
