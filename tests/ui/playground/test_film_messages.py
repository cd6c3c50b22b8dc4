"""What a film's messages hold once they are unpacked, against the scene and the networks."""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.film import decode_confusion, decode_parameters, decode_planes, grid_side
from classifiers.network import MLP
from classifiers.recipes.playground import filming
from classifiers.recipes.playground.filming import Crew, Film
from classifiers.recipes.playground.result import BAYES_SIDE, HistoryRow, Scene, build_scene
from classifiers.recipes.playground.run import Update, finish_playground
from classifiers.ui.film import endless, message
from classifiers.ui.film.endless import RunNews
from classifiers.ui.film.message import Show, film_of, rows_of, start_of, still_of
from tests.processes.clock import Clock

STOPPING = {"early_stopping": {"on": "validation", "share": 0.3}}
DATA: dict[str, Any] = {
    "few": {"dataset": {"samples": 90}},
    "validated": {"dataset": {"name": "moons", "samples": 150}, "training": STOPPING},
    "many": {"dataset": {"name": "spirals", "samples": 4500, "classes": 3}},
    "own": {"dataset": {"name": "points",
                        "points": [[i, -i % 7, "uvw"[i % 3]] for i in range(30)]}},
}  # fmt: skip


def scene_of(name: str, **more: Any) -> Scene:
    return build_scene(PlaygroundConfig.parse({**DATA[name], **more}))


def networks(scene: Scene, count: int) -> list[MLP]:
    data, config = scene.config.dataset, scene.config
    shape = (len(data.features), data.classes, config.training.members)
    return [MLP(config.network, *shape).initialize(seed) for seed in range(count)]


@pytest.mark.parametrize(("name", "step"), [("few", 1), ("validated", 1), ("many", 3), ("own", 1)])
def test_points_are_where_they_are_and_of_their_part(name, step):
    scene = scene_of(name)
    told = start_of(scene, "A title", {"a": "b"})["points"]
    packed = np.frombuffer(base64.b64decode(told["data"]), "<u2,<u2,u1")
    box, part = scene.extent, np.zeros(len(scene.dataset.x), int)
    part[scene.test], part[scene.validation] = 1, 2
    assert (told["shown"], told["total"]) == (len(packed), len(part))
    x = np.stack([box.x_min + packed["f0"] / 65535 * (box.x_max - box.x_min),
                  box.y_min + packed["f1"] / 65535 * (box.y_max - box.y_min)], 1)  # fmt: skip
    np.testing.assert_allclose(x, scene.dataset.x[::step], atol=1e-3)
    np.testing.assert_array_equal(packed["f2"], (scene.dataset.y + 16 * part)[::step])


def test_own_points_are_all_there_and_those_outside_are_at_the_edge(monkeypatch):
    monkeypatch.setattr(message, "MOST_POINTS", 7)
    own = scene_of("own")
    told = message._points(replace(own, extent=Extent(3.0, 20.0, -4.0, 5.0)))
    packed = np.frombuffer(base64.b64decode(told["data"]), "<u2,<u2,u1")
    assert told["shown"] == 30
    assert (packed["f0"][:4] == 0).all()
    assert (packed["f0"][20:] == 65535).all()
    assert message._points(scene_of("few"))["shown"] == 7  # one in thirteen
    monkeypatch.setattr(message, "MOST_POINTS", 45)
    assert message._points(scene_of("few"))["shown"] == 45


def test_what_is_best_possible_is_a_picture():
    scene = scene_of("validated")
    start = start_of(scene, "", {}, weights=True)
    (region,) = decode_planes(start["bayes"], (BAYES_SIDE, BAYES_SIDE))
    assert scene.bayes_region is not None
    np.testing.assert_array_equal(region, scene.bayes_region)
    own = start_of(scene_of("own"), "", {})
    assert (own["bayes"], own["names"], "weights" in own) == (None, ["u", "v", "w"], False)


def test_what_a_stage_is_told_of_a_wide_network():
    wide = scene_of("few", network={"widths": [256, 256, 3]}, training={"members": 2, "epochs": 7})
    start = start_of(wide, "", {})
    assert (start["widths"], start["layers"]) == ([256, 256, 3], [16, 16, 3])
    work = 2 * networks(wide, 1)[0].parameter_count
    assert start["side"] == grid_side(work) < BAYES_SIDE
    assert (start["members"], start["epochs"], start["bayes_side"]) == (2, 7, BAYES_SIDE)


def test_a_film_of_pictures_tells_the_newest_and_then_all():
    scene = scene_of("few", training={"members": 2})
    crew = Crew(networks(scene, 1)[0], scene, weights=False)
    frames = [crew.take(k, kept=k == 2, network=one) for k, one in enumerate(networks(scene, 3))]
    show = Show(["One", "Two"], about=5)
    assert not show.begun
    for frame in frames:
        show.take(Update(scene, frame.epoch, frame=frame), 1, {"Points": "90"})
    assert show.begun
    live, whole = (json.loads(show.message(state)) for state in (None, "done"))
    nothing = json.loads(show.message())
    assert (live["stages"][0], nothing["stages"][1], live["about"]) == (None, {}, 5)
    assert live["stages"][1]["frames"]["epochs"] == [2]
    told = whole["stages"][1]["frames"]
    assert (told["epochs"], told["kept"]) == ([0, 1, 2], [False, False, True])
    side = live["stages"][1]["start"]["side"]
    for kind, shape in (("region", (side, side)), ("disagreement", (side, side)),
                        ("neurons", frames[0].neurons.shape)):  # fmt: skip
        np.testing.assert_array_equal(
            decode_planes(told[kind], shape), [getattr(frame, kind) for frame in frames]
        )
    assert (live.get("state"), whole["state"], whole["jump"]) == (None, "done", False)
    assert live["stages"][1]["start"]["settings"] == {"Points": "90"}


def test_a_film_of_weights_tells_each_moment_and_what_went_wrong_where():
    scene = scene_of("validated", training={**STOPPING, "members": 3})
    own = networks(scene, 4)
    crew = Crew(own[0], scene, weights=True)
    told = film_of([crew.take(5 * k, network=one) for k, one in enumerate(own)])
    count = own[0].parameter_count
    stack = decode_parameters(told["parameters"], 3, count)
    for one, moment in zip(own, stack, strict=True):
        np.testing.assert_array_equal(moment, one.parameters[:, :count].numpy())
    x, y = scene.rows("test").x, scene.dataset.y[scene.test]
    for one, counts in zip(own, decode_confusion(told["confusion"], 2), strict=True):
        expected = np.zeros((2, 2))
        for labels in one.predict(x).numpy():
            np.add.at(expected, (y, labels), 1 / 3)
        np.testing.assert_allclose(counts, expected, atol=0.051)
    known = np.array([1 - y, y, y])
    moment: Any = crew.take(1, predicted=known)
    right = np.bincount(y)
    np.testing.assert_allclose(moment.confusion, np.array([[2, 1], [1, 2]]) * right[:, None] / 3)


def test_a_still_is_the_first_network_of_a_run():
    given = {**DATA["few"], "training": {"members": 3, "epochs": 4, "learning_rate": 0.3}}
    result = finish_playground(PlaygroundConfig.parse(given))
    told = still_of(result)
    count = result.network.parameter_count
    (moment,) = decode_parameters(told["frames"]["parameters"], 1, count)
    np.testing.assert_array_equal(moment, result.network.parameters[:1, :count].numpy())
    assert (told["start"]["members"], told["frames"]["epochs"]) == (1, [4])
    assert told["start"]["weights"]["sizes"] == list(result.network.sizes)


def test_curves_are_the_mean_and_the_ends_of_the_members():
    values = {name: np.array([0.1, 0.25, 0.7]) + k for k, name in enumerate(message.CURVES)}
    lost = {**values, "test_loss": np.array([np.inf, 1.0, 2.0])}
    told = rows_of([HistoryRow(3, values), HistoryRow(9, lost)])
    assert told["epoch"] == [3, 9]
    assert told["train_loss"] == {"mean": [0.35, 0.35], "low": [0.1, 0.1], "high": [0.7, 0.7]}
    assert told["test_loss"] == {"mean": [1.35, None], "low": [1.1, 1.0], "high": [1.7, None]}
    alone = rows_of([HistoryRow(0, {name: one[2:] for name, one in values.items()})])
    assert alone["test_accuracy"] == {"mean": [3.7]}
    assert message._rounded([1.23456789, None]) == [1.23457, None]


def test_a_long_film_holds_ever_fewer_of_each_stretch(monkeypatch):
    scene = scene_of("few")
    crew = Crew(networks(scene, 1)[0], scene, weights=True)
    first = crew.take(0)
    monkeypatch.setattr(filming, "_MOST_BYTES", 20 * first.parameters.nbytes)  # type: ignore[union-attr]
    film, added = Film(), []
    for epoch in range(200):
        if film.wants(epoch):
            film.add(replace(first, epoch=epoch))
            added.append(epoch)
        epochs = [frame.epoch for frame in film.frames]
        assert len(epochs) <= 20
        assert epochs[0] == 0
        assert epochs[-1] == added[-1]
    strides = [*range(20), *range(20, 42, 2), 42, *range(45, 100, 5), *range(100, 200, 10)]
    assert added == strides
    assert epochs[-10:] == list(range(100, 200, 10))
    last = [replace(first, epoch=at) for at in (150, 151)]
    shown = [frame.epoch for frame in film.shown(*last)]
    assert shown[-2:] == [150, 151]
    assert shown[:-2] == [epoch for epoch in epochs if epoch < 150]


def test_what_a_run_without_an_end_tells_and_when(monkeypatch):
    clock = Clock(10.0)
    looks = iter(range(100, 200))
    run: Any = SimpleNamespace(changes=(), can_glance=True, glance=lambda: next(looks))
    monkeypatch.setattr(endless, "time", clock)
    monkeypatch.setattr(endless, "rows_of", list)
    monkeypatch.setattr(endless, "film_of", list)
    news = RunNews(run, lambda config: ("", {}), "r7")

    def update(row: Any = None, frame: Any = None) -> Any:
        return SimpleNamespace(row=row, frame=frame)

    def told() -> Any:
        said = json.loads(news.message())
        assert (said.pop("run"), said.pop("sequence") >= 0) == ("r7", True)
        return said

    assert news.due()
    news.take(update())  # long after the last look: another
    news.take(update("a"))
    clock.now += 0.03
    news.take(update("b"))
    clock.now += 0.004  # a third of a tenth since the look
    news.take(update("c"))
    news.take(update("d", 7))
    assert told() == {"stages": [{"rows": ["a", "b", "c", "d"], "frames": [100, 101, 7]}]}
    assert not news.due()
    clock.now += 0.05
    run.can_glance = False
    news.take(update())
    assert told() == {"stages": [{}]}
    run.can_glance = True
    for frame in (1, 2, 3, 4, 5):
        news.take(update(frame=frame))
    change = SimpleNamespace(to_dict=lambda: {"epoch": 3})
    run.changes = (change,)
    assert told() == {"stages": [{"frames": [3, 4, 5], "changes": [{"epoch": 3}]}]}
    assert told() == {"stages": [{}]}
    clock.now += 0.1001
    assert news.due()


def test_a_show_is_due_at_once_and_then_ten_times_a_second(monkeypatch):
    clock = Clock(10.0)
    monkeypatch.setattr(message, "time", clock)
    show = Show(["One"])
    assert show.due()
    for state in (None, "done"):
        show.message(state)
        clock.now += 0.0999
        assert not show.due()
        clock.now += 0.0002
        assert show.due()
