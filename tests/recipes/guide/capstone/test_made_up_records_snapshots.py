"""What the capstone's steps measure, judge and tell of records that were made up, in which no two
numbers are alike, and at the ends of each range: held as looked at."""

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.errors import ArtifactError
from classifiers.recipes.guide import Sources, step
from classifiers.recipes.guide.capstone import choice, size, stored, strength, worlds
from classifiers.recipes.guide.capstone.stored import Swept
from tests.answers.thinned import attempt, hold

NOWHERE: Any = Sources(lambda: pytest.fail("heart"), lambda: "folder")
WORLDS = 12
EPOCHS = [1, 20, 21, 100, 179, 180, 200]
PARTS = ("train", "test", "fresh")


def luck(seed: int, *shape: int, spread: float = 0.01) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=spread, size=shape)


def drawn(levels: dict[str, tuple[float, ...]], seed: int = 0, samples: int = 300) -> Any:
    """Worlds with accuracies around a level a network, too small, too big and about right."""
    scores = {}
    for k, part in enumerate(PARTS):
        middle = np.array(levels[part])[:, None] - np.arange(len(EPOCHS))[::-1] / 100
        scores[f"{part}_accuracy"] = middle + luck(seed + k, WORLDS, 3, len(EPOCHS))
        scores[f"{part}_loss"] = np.exp(luck(seed + 9 + k, WORLDS, 3, len(EPOCHS), spread=0.5))
    data = SimpleNamespace(samples=samples, noise=0.3 + seed / 100, seed=0)
    return SimpleNamespace(
        worlds=range(WORLDS), epochs=EPOCHS, scores=scores.__getitem__,
        config=SimpleNamespace(dataset=data), truth=SimpleNamespace(best_fresh=0.951),
    )  # fmt: skip


LEVELS = {"train": (0.8, 0.99, 0.92), "test": (0.78, 0.85, 0.9), "fresh": (0.76, 0.84, 0.91)}


def said(key: str) -> list[Any]:
    one = step(key)
    *_, measured = one.measure(NOWHERE)
    shown = one.shows and one.shows(measured).to_dict()
    return [measured, one.judge(measured), list(one.tell(measured)), shown]


def test_worlds_that_were_made_up(snapshots, monkeypatch):
    def use(**rules: Any) -> None:
        monkeypatch.setattr(worlds, "pile", lambda folder, rule: rules[rule])

    use(lesson=drawn(LEVELS))
    hold(snapshots, "ranks", said("c1"))
    for name, test in (("the first two alike", (0.78, 0.9, 0.9)), ("the last two", (0.9, 0.8, 0.8)),
                       ("too small is ahead", (0.9, 0.7, 0.8))):  # fmt: skip
        use(lesson=drawn({**LEVELS, "test": test}))
        measured, right, told, _ = said("c1")
        apart = {part: measured[f"{part}_apart"] for part in PARTS}
        hold(snapshots, name, [apart, right, told])
    use(lesson=drawn({**LEVELS, "train": (0.9, 0.9, 0.8)}))
    hold(snapshots, "two alike in training", said("c1")[1])

    near = dict.fromkeys(PARTS, (0.8, 0.803, 0.9))
    lesson, hard = drawn(near), drawn({**near, "test": (0.82, 0.8, 0.9)}, seed=20, samples=100)
    level = lesson.scores("test_accuracy")
    level[3, 1, -1] = level[3, 0, -1]
    use(lesson=lesson, hard=hard)
    hold(snapshots, "below", said("c2"))
    use(lesson=hard, hard=drawn(LEVELS))
    hold(snapshots, "below, the other way round", said("c2"))


@pytest.mark.parametrize("lowest", [[1] * 7 + [2] * 5, [5] * 8 + [4] * 4, [3] * 11 + [0],
                                    [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 5, 6]])  # fmt: skip
def test_where_losses_are_lowest(lowest, snapshots, monkeypatch):
    pile = drawn(LEVELS)
    for world, at in enumerate(lowest):
        pile.scores("test_loss")[world, 1, at] = 0.01 + world / 1000
    monkeypatch.setattr(worlds, "pile", lambda folder, rule: pile)
    hold(snapshots, "prices", said("c3"))


def swept(values: list[Any], levels: list[float], seed: int = 0, worlds: int = WORLDS) -> Swept:
    """A sweep with fresh accuracies around a level a value."""
    middle = np.array(levels)[:, None]
    data = SimpleNamespace(samples=300, noise=0.3, seed=0)
    config: Any = SimpleNamespace(over="knob", base=SimpleNamespace(dataset=data))
    train, fresh, test = (
        middle + shift + luck(seed + k, len(levels), worlds)
        for k, shift in enumerate((0.05, 0.0, -0.02))
    )
    loss = np.exp(1 - middle + luck(seed + 5, len(levels), worlds, spread=0.3))
    return Swept(config, values, train, fresh, test, loss, best=0.953)


def test_sweeps_that_were_made_up(snapshots, monkeypatch):
    def use(module: Any, found: Swept) -> None:
        monkeypatch.setattr(module, "swept", lambda folder, over: found)

    widths = swept([2, 4, 8, 16, 64, 256], [0.7, 0.95, 0.8, 0.96, 0.86, 0.83])
    widths.fresh[0, :5] = 0.515  # these never learned
    use(size, widths)
    hold(snapshots, "widths", said("c4"))
    use(size, swept([2, 8, 64, 256], [0.8, 0.85, 0.8, 0.85]))
    hold(snapshots, "two alike", said("c4")[1])
    counts = swept([50, 100, 2000], [0.8, 0.84, 0.9])
    counts.train[:] = counts.train[::-1].copy() - 0.01
    use(size, counts)
    hold(snapshots, "points", said("c7"))
    decays = swept([0.0, 0.001, 0.01, 0.03], [0.84, 0.9, 0.89, 0.8])
    decays.train[1:] -= np.array([[0.08], [0.11], [0.03]])
    use(strength, decays)
    hold(snapshots, "decays", said("c5"))
    use(strength, swept([0.0, 0.2, 0.5, 0.7], [0.86, 0.9, 0.88, 0.81]))
    hold(snapshots, "dropouts", said("c6"))


MOVES = {
    "rises": {"value": 0.02, "low": 0.01, "high": 0.03},
    "is level": {"value": 0.005, "low": -0.01, "high": 0.02},
    "falls": {"value": -0.03, "low": -0.04, "high": -0.02},
}


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [
        ("c5", "train_change", "fresh_change"),
        ("c5", "fresh_change", "more"),
        ("c6", "change", "log_factor"),
        ("c7", "train_change", "fresh_change"),
    ],
)
def test_which_way_two_numbers_move(snapshots, monkeypatch, key, first, second):
    found = swept([0.0, 0.2, 0.01, 0.03, 0.7, 50, 2000], [0.7, 0.9, 0.89, 0.8, 0.6, 0.5, 0.4])
    found.fresh[1, :4] -= 0.1  # so its median is the highest, and its mean is not
    for module in (size, strength):
        monkeypatch.setattr(module, "swept", lambda folder, over: found)
    one = step(key)
    *_, measured = one.measure(NOWHERE)
    for name, way in MOVES.items():
        told = {}
        for other, turn in MOVES.items():
            made = {**measured, "train_change": MOVES["falls"], first: way, second: turn}
            told[f"{second} {other}"] = [one.judge(made), list(one.tell(made))]
        hold(snapshots, f"{first} {name}", told)


def test_rivals_that_were_made_up(snapshots, monkeypatch):
    monkeypatch.setattr(choice, "pile", lambda folder, rule: drawn(LEVELS))

    def rivals(*levels: float, worlds: int = WORLDS, **data: Any) -> list[Any]:
        found = {
            over: swept(values, [0.1, level], seed=50 + k, worlds=worlds)
            for k, (over, values, level) in enumerate(
                zip(("depth", "weight_decay", "dropout"), ([1, 4], [0.0, 0.01], [0.2, 0.7]), levels,
                    strict=True))
        }  # fmt: skip
        vars(found["dropout"].config.base.dataset).update(data)
        monkeypatch.setattr(choice, "swept", lambda folder, over: found[over])
        return said("c9")[:3]

    hold(snapshots, "one is ahead", rivals(0.9, 0.94, 0.85))
    hold(snapshots, "two are", rivals(0.95, 0.94, 0.85)[1:])
    hold(snapshots, "none is", rivals(0.8, 0.81, 0.82)[1:])
    paired = rivals(0.9, 0.94, 0.85)[0]["leads"]
    for name, more in {"points": {"samples": 301}, "noise": {"noise": 0.4}, "seed": {"seed": 1},
                       "nothing": {}}.items():  # fmt: skip
        same = rivals(0.9, 0.94, 0.85, **more)[0]["leads"] == paired
        hold(snapshots, f"paired where {name} differs", same)
    hold(snapshots, "in fewer worlds", rivals(0.9, 0.94, 0.85, worlds=11))


def stops(places: tuple[str, ...], seed: int, **means: float) -> dict[str, Any]:
    def way(k: int) -> dict[str, Any]:
        interval = {"mean": k / 50, "interval": [k / 50 - 0.011, k / 50 + 0.013]}
        found: dict[str, Any] = {
            f"{part}_accuracy": {"members": (means[part] + luck(seed + 3 * k + i, WORLDS)).tolist(),
                                 "mean": means[part] + k / 100}
            for i, part in enumerate(("test", "fresh"))
        }  # fmt: skip
        found |= {"excess": interval, "gain": {**interval, "mean": -0.02}}
        return found

    ways = {name: way(k) for k, name in enumerate(("none", "test", "validation"), 1)}
    for k, name in enumerate(places):
        ways["none"][name] = {"mean": -0.04 - k / 100, "interval": [-0.06, -0.01 - k / 100]}
    return {"members": WORLDS, "ways": ways}


def test_stops_that_were_made_up(snapshots, monkeypatch):
    for name, record in {
        "too little, for its places": stops(("places", "test_places"), 0, test=0.85, fresh=0.88),
        "too little": stops((), 0, test=0.85, fresh=0.88),
        "too much": stops(("places",), 0, test=0.9, fresh=0.85),
        "as they are": stops(("places",), 0, test=0.88, fresh=0.88),
    }.items():
        monkeypatch.setattr(choice, "load_optimism", lambda folder, record=record: record)
        hold(snapshots, name, said("c8"))
    *_, measured = step("c8").measure(NOWHERE)
    ends = ((-0.01, 0.005), (-0.0099, 0.0099), (-0.005, 0.01), (-0.03, 0.0), (-0.03, -0.001),
            (0.01, 0.099), (0.0099, 0.099), (0.01, 0.1), (0.1, 0.2), (0.0999, 0.2))  # fmt: skip
    told = {}
    for low, high in ends:
        test = {"value": (low + high) / 2, "low": low, "high": high}
        flattered = {**measured["flattered"], "test": test}
        told[f"{low} to {high}"] = step("c8").judge({**measured, "flattered": flattered})
    hold(snapshots, "ends", told)


def test_what_sweeps_share(snapshots):
    at = {name: {"low": low, "high": high} for name, (low, high) in {
        "above": (0.001, 0.1), "from zero on": (0.0, 0.1), "around": (-0.1, 0.1),
        "up to zero": (-0.1, 0.0), "below": (-0.1, -0.001)}.items()}  # fmt: skip
    hold(snapshots, "rises", {name: stored.rises(one) for name, one in at.items()})
    hold(snapshots, "falls", {name: stored.falls(one) for name, one in at.items()})
    texts = [stored.written(value) for value in (2000, 16, 0.01, 0.0, 1e-5)]
    hold(snapshots, "values", [*texts, stored.costs(0.125), stored.costs(12.0)])
    found = swept([1, 2], [0.8, 0.9])
    told = attempt(lambda: found.at(3))
    hold(snapshots, "no such value", [found.at(2), found.worlds, told])
    with pytest.raises(ArtifactError):
        found.at(1.5)
    pair = stored.difference(found.fresh[1], found.fresh[0, :9])
    back = stored.difference(found.fresh[0, :9], found.fresh[1])
    assert pair == pytest.approx({"value": -back["value"], "low": -back["high"],
                                  "high": -back["low"]})  # fmt: skip
    hold(snapshots, "more worlds on one side", pair)


def test_rows_of_a_sweep_that_went_wrong_are_left_out(monkeypatch):
    def row(value: float, k: int, **more: Any) -> dict[str, Any]:
        names = ("train_accuracy", "fresh_accuracy", "test_accuracy", "fresh_loss")
        own = {name: {"members": [k + i / 10, k + i / 100]} for i, name in enumerate(names)}
        return {"value": value, "bayes_accuracy": 0.9 + k / 100, **own, **more}

    rows = [row(0.5, 1, error="diverged"), row(0.0, 2), row(0.7, 3), row(0.2, 4)]
    monkeypatch.setattr(
        stored, "load_sweep", lambda folder, over: (f"{folder}/{over}", {"rows": rows})
    )
    found: Any = stored.swept(stored.Path("nowhere"), "knob")
    assert (found.config, found.values, found.best) == ("nowhere/knob", [0.0, 0.7, 0.2], 0.92)
    assert found.train.tolist() == [[2, 2], [3, 3], [4, 4]]
    assert found.fresh.tolist() == [[2.1, 2.01], [3.1, 3.01], [4.1, 4.01]]
    assert found.test.tolist() == [[2.2, 2.02], [3.2, 3.02], [4.2, 4.02]]
    assert found.loss.tolist() == [[2.3, 2.03], [3.3, 3.03], [4.3, 4.03]]


def test_worlds_are_read_anew_once_they_were_written_anew(tmp_path, monkeypatch):
    read: list[str] = []
    monkeypatch.setattr(stored, "load_pile", lambda folder, rule: read.append(rule) or len(read))
    (tmp_path / "records").mkdir()
    for name in ("worlds-lesson.json", "worlds-hard.json"):
        (tmp_path / "records" / name).touch()
        os.utime(tmp_path / "records" / name, ns=(1, 1))
    assert [stored.pile(tmp_path, rule) for rule in ("lesson", "hard", "lesson")] == [1, 2, 1]
    os.utime(tmp_path / "records" / "worlds-lesson.json", ns=(2, 2))
    assert [stored.pile(tmp_path, "lesson") for _ in range(2)] == [3, 3]
    assert read == ["lesson", "hard", "lesson"]


def test_a_sweep_is_read_anew_once_it_was_written_anew(tmp_path, monkeypatch):
    read: list[str] = []
    names = ("train_accuracy", "fresh_accuracy", "test_accuracy", "fresh_loss")
    row = {"value": 1, "bayes_accuracy": 0.9, **{key: {"members": [0.5]} for key in names}}

    def load(folder: Any, over: str) -> Any:
        read.append(over)
        return len(read), {"rows": [row]}

    monkeypatch.setattr(stored, "load_sweep", load)
    (tmp_path / "records").mkdir()
    for stamp in (1, 1, 2):
        for over in ("width", "dropout"):
            (tmp_path / "records" / f"{over}.json").touch()
            os.utime(tmp_path / "records" / f"{over}.json", ns=(stamp, stamp))
            stored.swept(tmp_path, over)
    assert read == ["width", "dropout"] * 2
    assert [stored.swept(tmp_path, over).config for over in ("width", "dropout")] == [3, 4]
