"""Small parts of the package with usual and odd input, whole: held as they were looked at."""

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers import wording
from classifiers.artifacts import (
    canonical_json,
    check_place,
    hub_config,
    load_artifact,
    write_whole,
)
from classifiers.compute.activations import ACTIVATIONS
from classifiers.config import NetworkConfig, PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.film import (
    Camera,
    decode_parameters,
    encode_frames,
    encode_parameters,
    frame_epochs,
    grid_points,
    grid_side,
    take_moment,
)
from classifiers.missing import Averager, Gaussian
from classifiers.network import MLP, aligned, member_seeds
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.playground import endless
from classifiers.shapley import ConditionalGame, shapley_interactions, shapley_values
from classifiers.training import capture
from classifiers.training.draws import CardDraws, Draws, splitmix64
from classifiers.training.loop import record_epochs
from classifiers.training.scores import Rows, Scorer, expected_score, score
from tests.answers.thinned import attempt, hold
from tests.test_artifacts import edit, make

RANDOM = np.random.default_rng(6)
X = RANDOM.normal(size=(5, 3))


def network(members: int = 2, inputs: int = 3, classes: int = 2, **config: Any) -> MLP:
    own = MLP(NetworkConfig.parse({"widths": [4, 3], **config}), inputs, classes, members)
    return own.initialize(5)


def test_networks_of_every_kind(snapshots):
    snapshots.near = 2e-6
    x = torch.from_numpy(X).float()
    for activation in ACTIVATIONS:
        told = network(activation=activation)
        hold(snapshots, activation, [told.probabilities(x), told.predict(x)], 40)
    for start in ("torch", "xavier", "he", "large", "zero"):
        told = network(start=start)
        hold(
            snapshots, f"start {start}", told.parameters[:, : told.parameter_count].double().sum(1)
        )
    one = network(outputs="one_logit")
    rows = Rows(
        x, torch.tensor([0, 1, 1, 0, 1]), torch.tensor([[1.0, 1, 0, 0, 2], [0, 1, 1, 1, 3]])
    )
    three = network(classes=3)
    posterior = torch.tensor(RANDOM.dirichlet(np.ones(3), 5))
    hold(snapshots, "scores", [score(one, rows), score(three, Rows(x, torch.arange(5) % 3))])
    hold(snapshots, "expected", [expected_score(three, x, posterior),
                                 expected_score(one, x, posterior[:, :2])])  # fmt: skip
    scorer = Scorer(three, {"a": Rows(x, torch.arange(5) % 3), "b": Rows(x[:2], torch.arange(2))})
    found = scorer()
    hold(snapshots, "sets", [found, scorer.predicted("a"), scorer.predicted("b")])
    for widths in ([[4, 3]], [[4, 3], [5, 3]], [[4], [3]], [[0, 1], [1, 1]], [[2, 1], [4, 3]]):
        told = attempt(lambda w=widths: MLP(NetworkConfig(widths=(4, 3)), 3, 2, 2, member_widths=w))
        text = told if isinstance(told, str) else told.member_mask().sum(1)
        hold(snapshots, f"widths {widths}", text)
    state = one.state_dict()
    hold(snapshots, "state", {name: list(tensor.shape) for name, tensor in state.items()})
    bias = "layers.0.bias"
    others = {"extra": {**state, "more": x}, "double": {**state, bias: state[bias].double()},
              "shape": {**state, bias: x}}  # fmt: skip
    for name, other in others.items():
        hold(snapshots, name, attempt(lambda other=other: one.load_state_dict(other)))
    seeds = [list(member_seeds(3, 4)), list(member_seeds([9, 1], 2)), list(aligned(x[None]).shape)]
    hold(snapshots, "seeds", [*seeds, record_epochs(7), record_epochs(450, 20)], 40)


def test_random_numbers_of_members(snapshots):
    for kind in (Draws, CardDraws):
        draws = kind([1, 2, 9], torch.device("cpu"))
        words = torch.zeros(3, 5, dtype=torch.int64)
        told = []
        for _ in range(2):
            draws.fill(words)
            told.append([str(word) for word in words[:, ::2].ravel().tolist()])
        hold(snapshots, kind.__name__, [told, draws.orders(6)], 20)
    mixed = splitmix64(torch.tensor([0, 1, -1, 2**62]))
    hold(snapshots, "mixed", [str(word) for word in mixed.tolist()])


def test_films(snapshots):
    snapshots.near = 2e-6
    box = Extent(-2.0, 3.0, -1.0, 2.0)
    hold(snapshots, "sides", [grid_side(n) for n in (1, 1000, 10_000, 100_000, 10**6, 10**8)], 20)
    hold(snapshots, "points", grid_points(box, 3), 40)
    hold(snapshots, "epochs", [frame_epochs(range(n), most) for n, most in
                               ((5, 60), (300, 9), (2000, 60), (1, 60))], 70)  # fmt: skip
    for given in ({}, {"outputs": "one_logit"}, {"widths": []}):
        told = network(3, inputs=2, **given)
        camera = Camera(told, box)
        inputs = torch.from_numpy(camera.points)
        frame = camera.take(told, inputs, 7, kept=True)
        sums = [None if plane is None else plane.astype(int).sum() for plane in
                (frame.neurons, frame.disagreement)]  # fmt: skip
        told_of = [frame.epoch, np.bincount(frame.region.ravel() // 32), *sums]
        hold(snapshots, f"frame {given}", told_of, 20)
        message = encode_frames([frame, frame])
        hold(snapshots, f"message {given}", {key: value if not isinstance(value, str) else "packed"
                                             for key, value in message.items()})  # fmt: skip
        moment = take_moment(told, 4, np.eye(2))
        stack = np.stack([moment.parameters, moment.parameters * 2])
        back = decode_parameters(encode_parameters(stack), *stack.shape[1:])
        np.testing.assert_array_equal(back, stack)


def test_averages_over_what_is_missing(snapshots):
    for given in ({"widths": (4,)}, {"widths": (4, 3)}, {"widths": (4,), "activation": "tanh"},
                  {"widths": (4,), "outputs": "one_logit"}):  # fmt: skip
        own = MLP(NetworkConfig(**given), 3, 2, 2, dtype=torch.float64)
        generator = torch.Generator().manual_seed(3)
        own.parameters.copy_(torch.randn(own.parameters.shape, generator=generator))
        root = np.array([[1, 0.2, 0], [0, 1, 0.5], [0.3, 0, 1]])
        normal = Gaussian(np.array([[0.1, -0.2, 0.3]]), (root @ root.T)[None], np.ones(3, bool))
        averager = Averager(own, normal)
        for known in ([True, False, True], [False] * 3, [True] * 3):
            told = averager.average(X, np.array(known))
            hold(snapshots, f"{given} {known}", [told, averager.share_known(np.array(known))], 20)
        game = ConditionalGame(averager, [0, 0, 1])
        hold(snapshots, f"{given} explained", [game.explain(X[0], [True, True]),
                                               game.explain(X[1], [False, True])])  # fmt: skip
        again = normal.resample(2, 30, 1)
        hold(snapshots, f"{given} resampled", [again.mean, again.covariance], 40)
    worth = [0.0, 1.0, 2.0, 5.0, 1.0, 3.0, 3.0, 9.0]
    hold(snapshots, "game", [shapley_values(worth), shapley_interactions(worth)])
    for bad in ([], [1, 2, 3], [[1.0]], [1.0]):
        told = [attempt(lambda b=bad: shapley_values(b)),
                attempt(lambda b=bad: shapley_interactions(b))]  # fmt: skip
        hold(snapshots, f"no game {bad}", told)


def test_tables_that_become_inputs(snapshots):
    x = np.array([[1, 3, 7], [2, 3, 6], [np.nan, 7, np.nan], [5, np.nan, 7.0]])
    level = TabularPreprocessor.fit(np.full((4, 1), 3.0), ["a"], [])
    hold(snapshots, "level", [level.to_dict(), level.transform(np.array([[3.0], [4.0]]))])
    for encoding in ("onehot", "ordinal"):
        fitted = TabularPreprocessor.fit(x, ["a", "b", "c"], ["c", "b"], encoding)
        other = np.array([[9, 4, 6], [np.nan] * 3, [1, 7, 7.0]])
        hold(
            snapshots, encoding, [fitted.input_names, fitted.transform(other), fitted.to_dict()], 40
        )
        assert TabularPreprocessor.from_dict(fitted.to_dict()) == fitted
    names = ["a", "b", "c"]
    odd: list[Any] = [(x, ["a"], [], "onehot"), (x[:0], names, [], "onehot"),
                      (x * np.nan, names, [], "onehot"), (x, names, [], "hot")]  # fmt: skip
    for k, given in enumerate(odd):
        hold(snapshots, f"odd {k}", attempt(lambda g=given: TabularPreprocessor.fit(*g)))
    hold(snapshots, "width", attempt(lambda: fitted.transform(x[:, :2])))
    whole = fitted.to_dict()
    number = whole["columns"][0]
    columns = [3, {**number, "scale": 0}, {**number, "name": 3}, {**number, "kind": "x"},
               {**number, "mean": "nan"}]  # fmt: skip
    broken = [None, {}, {**whole, "encoding": "x"}, *({**whole, "columns": [c]} for c in columns)]
    for k, one in enumerate(broken):
        told = attempt(lambda one=one: TabularPreprocessor.from_dict(one))
        hold(snapshots, f"broken {k}", told)


def refused(folder: Path, call: Any) -> str:
    return str(attempt(call)).replace(str(folder), "FOLDER")


def test_artifacts_that_are_refused(snapshots, tmp_path):
    made = make(tmp_path)
    told = json.loads(hub_config(made.metadata))
    assert told.pop("model") == json.loads((tmp_path / "metadata.json").read_text())["model"]
    hold(snapshots, "hub", {**told, "versions": sorted(told["versions"])})
    whole = (tmp_path / "metadata.json").read_text()
    golden = json.loads(whole)["golden"]
    rows, answers = golden["inputs"], golden["outputs"]
    last = [[*answers[-1][:1], answers[-1][1] + 0.25]]
    changes: dict[str, dict[str, Any]] = {
        "one golden output": {"golden": {**golden, "outputs": [*answers[:-1], *last]}},
        "fewer outputs": {"golden": {**golden, "outputs": answers[:-1]}},
        "narrow inputs": {"golden": {**golden, "inputs": [row[:1] for row in rows]}},
        "wide outputs": {"golden": {**golden, "outputs": [[*row, 0] for row in answers]}},
        "more points": {"point_members": 9}, "version": {"format_version": 99},
        "features": {"features": [{"name": "group"}, {"name": "other"}]},
        "no preprocessing": {"preprocessing": None},
        "size": {"model": {"sha256": "0" * 64, "size": 3}},
        "more members": {"training": {**json.loads(whole)["training"], "members": 20_000}},
    }  # fmt: skip
    for name, change in changes.items():
        (tmp_path / "metadata.json").write_text(whole)
        edit(tmp_path, **change)
        hold(snapshots, name, refused(tmp_path, lambda: load_artifact(tmp_path)))
    for text in ("[]", "no", "{}", "[" * 99_999):
        (tmp_path / "metadata.json").write_text(text)
        hold(snapshots, f"text {text[:9]}", refused(tmp_path, lambda: load_artifact(tmp_path)))
    for place in (
        tmp_path,
        tmp_path / "metadata.json",
        tmp_path / "new" / "file",
        Path("/dev/null"),
    ):
        hold(snapshots, f"place {place.name if place != tmp_path else ''}",
             refused(tmp_path, lambda place=place: check_place(place)))  # fmt: skip
    write_whole(tmp_path / "parts", iter([b"a", b"bc"]))
    assert (tmp_path / "parts").read_bytes() == b"abc"
    hold(snapshots, "canonical", canonical_json({"b": [1.5, None, "é"], "a": {"d": True, "c": 2}}))


def test_numbers_in_words(snapshots):
    values = [0.0, -0.0, 1e-9, 0.00044, 0.004, 0.0095, 0.0999, 0.1, 0.285, 0.5, 0.98449, 0.99,
              0.9951, 1.0, 1.5, 12.3456, 99.49, 99.5, 1234.5, -0.021, -1e-9]  # fmt: skip
    for name in ("percent", "whole_percent", "times", "signed", "signed_points"):
        hold(snapshots, name, [getattr(wording, name)(value) for value in values], 40)
    gaps = [
        {"value": a, "low": a - b, "high": a + b} for a in (-0.02, 0.0, 0.02) for b in (0.01, 0.02)
    ]
    for name in ("gap_text", "gap_points", "verdict", "bounded", "bounded_share"):
        hold(snapshots, name, [getattr(wording, name)(gap) for gap in gaps], 40)
    hold(snapshots, "counted", [wording.counted(n, "thing") for n in (0, 1, 2, 1000)])
    hold(snapshots, "listed", [wording.listed(list("abcd")[:n]) for n in (1, 2, 3, 4)])
    hold(snapshots, "spread", wording.with_spread(0.98149, 0.0126))


def test_runs_without_an_end(snapshots, monkeypatch):
    ticks = iter(range(10_000))
    clock = SimpleNamespace(perf_counter=lambda: float(next(ticks)))
    monkeypatch.setattr(endless, "time", clock)
    monkeypatch.setattr("classifiers.recipes.playground.run.time", clock)
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", 1e9)
    config = PlaygroundConfig.parse({"dataset": {"samples": 50}, "network": {"widths": [3]}})
    run = endless.Run(config)
    told: list[Any] = [run.epoch, run.is_between_epochs, run.ended]
    told += [[update.epoch, update.row is not None] for update in run.advance(2)]
    for settings in ({"epochs": 3}, {"learning_rate": -1}, {"dropout": 2}, {"batch_size": 0.5}):
        told.append(attempt(lambda s=settings: run.change(s)))
    run.change({"learning_rate": 0.5, "dropout": 0.25})
    told.append([dict(run.asked), run.can_glance])
    list(run.advance(4))
    run.change({"batch_size": None})
    run.change_now()
    told.append([[change.model_dump() for change in run.changes], run.epoch, run.ended])
    *_, last = run.conclude()
    assert last.result is not None
    told.append([last.result.seconds, last.epoch, len(last.result.history.rows)])
    told.append(run.config.model_dump(mode="json", exclude_unset=True)["training"])
    hold(snapshots, "told", told, 40)
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", -1.0)
    small = {"training": {"batch_size": 16}, "dataset": {"samples": 50}}
    beating = endless.Run(PlaygroundConfig.parse(small))
    beats = [[update.epoch, update.row is not None] for update in beating.advance(2)]
    *_, ended = beating.conclude()
    assert ended.result is not None
    hold(snapshots, "heartbeats", [beats, ended.result.seconds], 40)
    monkeypatch.setattr(run, "_most", 4)
    hold(snapshots, "no more", run.ended)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_slopes_are_those_of_autograd(name):
    """Every rule against torch's own derivative of what it computes forward."""
    rule = ACTIVATIONS[name]
    z = torch.linspace(-3, 3, 25, dtype=torch.float64) + 0.01
    out = torch.empty_like(z)
    rule.forward(z.clone(), out)
    step = 1e-6
    up, down = torch.empty_like(z), torch.empty_like(z)
    rule.forward(z + step, up)
    rule.forward(z - step, down)
    slope = torch.full_like(z, 2.0)
    rule.backward(slope, z, out)
    torch.testing.assert_close(slope, (up - down) / step, atol=1e-6, rtol=1e-6)


def test_a_step_is_captured_once_and_replayed(snapshots, monkeypatch):
    """On a card that only writes down what is asked of it."""
    done: list[str] = []

    def noted(name: str) -> Any:
        return lambda *given, **named: done.append(" ".join([name, *map(str, given)]))

    @contextlib.contextmanager
    def within(*given: Any, **named: Any) -> Any:
        done.append(f"within {[*given, *named.values()]}")
        yield
        done.append("out")

    class Stream(str):
        wait_stream = noted("waits for")

    class Graph(str):
        replay = noted("replays")

    card = SimpleNamespace(
        Stream=lambda device: Stream(f"own of {device}"), CUDAGraph=lambda: Graph("graph"),
        current_stream=lambda device: Stream(f"current of {device}"), stream=within, graph=within,
        synchronize=noted("waits"),
    )  # fmt: skip
    monkeypatch.setattr(capture, "torch", SimpleNamespace(cuda=card))
    step = capture.CapturedStep(lambda: done.append("step"), "card")  # type: ignore[arg-type]
    for call in (1, 2, 3, 4, 5, 6, 63, 64, 65, 128):
        step.calls = call - 1
        done.clear()
        step()
        hold(snapshots, f"call {call}", list(done))
