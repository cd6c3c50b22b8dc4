"""The network as the page computes it is Python's, and its pictures read back are its answers."""

import numpy as np
import pytest
import torch

from classifiers.config import PlaygroundConfig
from classifiers.data.features import apply_features
from classifiers.evaluation.metrics import wilson_interval
from classifiers.film import encode_parameters
from classifiers.network import MLP
from classifiers.recipes.playground.dead_units import dead_units
from classifiers.training import Rows
from classifiers.ui.static import address

ALL = ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]
CASES = {
    **{
        name: {"network": {"activation": name, "widths": [8, 5]}, "training": {"members": 2}}
        for name in ("identity", "relu", "tanh", "sigmoid", "leaky_relu", "gelu")
    },
    "one logit of all features": {
        "dataset": {"name": "moons", "features": ALL},
        "network": {"outputs": "one_logit", "activation": "tanh"},
    },
    "no hidden layer": {"dataset": {"classes": 3}, "network": {"widths": []}},
    "five of three layers": {"network": {"widths": [6, 4, 7]}, "training": {"members": 5}},
}
ENGINE = """async ([base, weights, moments, members, xs, ys]) => {
  const load = (name) => import(new URL(`${base}/playground/engine/${name}.js`, location.origin));
  const { Network, answersOf } = await load('network');
  const { decodeParameters } = await load('decode');
  const network = new Network(weights);
  const films = await decodeParameters(moments, members, network.count);
  const inputs = network.inputs({ xs, ys });
  const plain = (planes) => planes.map((plane) => [...plane]);
  return films.map((moment) => ({
    parameters: moment.map((one) => [...one]),
    values: moment.map((one) => network.values(one, inputs).map(plain)),
    probabilities: plain(answersOf(network, moment, inputs).mean),
  }));
}"""


def network_of(config: PlaygroundConfig, seed: int) -> MLP:
    data, members = config.dataset, config.training.members
    network = MLP(config.network, len(data.features), data.classes, members)
    random = np.random.default_rng(seed)
    drawn = random.normal(0, 0.7, (members, network.parameter_count)).astype(np.float32)
    network.parameters[:, : network.parameter_count] = torch.from_numpy(drawn)
    return network


def weights_of(config: PlaygroundConfig, network: MLP) -> dict:
    return {
        "sizes": list(network.sizes),
        "activation": config.network.activation,
        "outputs": config.network.outputs,
        "features": list(config.dataset.features),
    }


@pytest.fixture(scope="module")
def modules(shared_page, app_url):
    """A page that can import the app's modules, and where they are."""
    where = address("page/dom.js")
    shared_page.goto(f"{app_url}/{where}")
    return shared_page, "/" + where.rpartition("/page/")[0]


@pytest.mark.parametrize("name", CASES)
def test_the_page_computes_what_python_does(modules, name):
    page, base = modules
    config = PlaygroundConfig.parse(CASES[name])
    networks = [network_of(config, seed) for seed in (1, 2)]
    count = networks[0].parameter_count
    stack = np.stack([network.parameters[:, :count].numpy() for network in networks])
    points = np.random.default_rng(3).uniform(-3, 3, (200, 2)).astype(np.float32)
    told = page.evaluate(
        ENGINE,
        [base, weights_of(config, networks[0]), encode_parameters(stack), config.training.members,
         points[:, 0].tolist(), points[:, 1].tolist()],
    )  # fmt: skip
    inputs = torch.from_numpy(apply_features(points, config.dataset.features))
    for network, moment, parameters in zip(networks, told, stack, strict=True):
        assert np.array_equal(np.array(moment["parameters"], np.float32), parameters)
        *hidden, logits = network.hidden(inputs)
        for k in range(config.training.members):
            for layer, values in zip([*hidden, logits], moment["values"][k][1:], strict=True):
                wanted = layer[k].numpy()
                assert np.abs(np.array(values).T - wanted).max() <= 1e-5 * max(
                    1, np.abs(wanted).max()
                )
        wanted = network.to_probabilities(logits).mean(0).numpy()
        found = np.array(moment["probabilities"]).T
        assert np.abs(found - wanted).max() < 1e-5
        sure = np.sort(wanted, axis=1)[:, -1] - np.sort(wanted, axis=1)[:, -2] > 1e-4
        assert np.array_equal(found.argmax(1)[sure], wanted.argmax(1)[sure])


REGIONS = """async ([base, weights, moments, members, extent, size]) => {
  const load = (name) => import(new URL(`${base}/playground/${name}.js`, location.origin));
  const { Network, scoresOf } = await load('engine/network');
  const { decodeParameters } = await load('engine/decode');
  const { gridPlaces } = await load('pictures/grid');
  const { paintRegions } = await load('pictures/regions');
  const network = new Network(weights);
  const [moment] = await decodeParameters(moments, members, network.count);
  const ask = (places) => scoresOf(network, moment, network.inputs(places));
  const pixels = new Uint32Array(size * size);
  const regions = [...Array(8).keys()].map((k) => [k, 0, 0]);
  paintRegions(pixels, size, { scores: ask(gridPlaces(extent, 56)), cells: 56, extent, ask },
    { regions, ink: [255, 255, 255] }, { fill: true, alpha: 0, line: 1 });
  return [...pixels].map((pixel) => pixel & 255);
}"""


@pytest.mark.parametrize("name", ["relu", "tanh", "one logit of all features"])
def test_a_picture_shows_the_class_at_every_pixel(modules, name):
    page, base = modules
    config = PlaygroundConfig.parse(CASES[name])
    network = network_of(config, 5)
    stack = network.parameters[None, :, : network.parameter_count].numpy()
    box, size = [-4, 5, -3, 2], 280
    told = page.evaluate(
        REGIONS,
        [base, weights_of(config, network), encode_parameters(stack), config.training.members,
         box, size],
    )  # fmt: skip
    steps = (np.arange(size) + 0.5) / size
    x, y = box[0] + steps * (box[1] - box[0]), box[3] - steps * (box[3] - box[2])
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    inputs = torch.from_numpy(apply_features(grid, config.dataset.features))
    wanted = network.to_probabilities(network.logits(inputs)).mean(0).argmax(1).numpy()
    assert len(np.unique(wanted)) > 1, "a picture of one class proves nothing"
    # A pixel may be wrong where the boundary runs through it, and nowhere else.
    missed = np.flatnonzero(np.array(told) != wanted)
    assert len(missed) < 0.002 * size**2
    labels = wanted.reshape(size, size)
    for at in missed:
        row, column = divmod(int(at), size)
        near = labels[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        assert told[at] in near


def test_an_interval_of_the_page_is_wilsons(modules):
    page, base = modules
    for found, trials in [(0, 10), (7, 9), (199, 200), (50, 50)]:
        low, high = page.evaluate(
            "async ([base, share, n]) => (await import(new URL("
            "`${base}/playground/engine/measure.js`, location.origin))).wilson(share, n)",
            [base, found / trials, trials],
        )
        wanted = wilson_interval(found, trials)
        assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_a_folded_space_lies_along_the_principal_axes(modules):
    page, base = modules
    planes = np.random.default_rng(0).normal(size=(5, 300)) * [[3.0], [2.0], [0.5], [0.2], [0.1]]
    told = page.evaluate(
        """async ([base, planes]) => {
          const measure = await import(new URL(`${base}/playground/engine/measure.js`,
            location.origin));
          const basis = measure.principalAxes(planes);
          const { xs, ys } = measure.project(planes, basis);
          return [[...xs], [...ys], basis.share];
        }""",
        [base, planes.tolist()],
    )
    centred = planes - planes.mean(1, keepdims=True)
    _, sizes, axes = np.linalg.svd(centred.T, full_matrices=False)
    for found, axis in zip(told[:2], axes, strict=False):
        wanted = centred.T @ axis
        assert min(np.abs(found - wanted).max(), np.abs(found + wanted).max()) < 1e-3
    assert told[2] == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), abs=1e-6)


DEAD = """async ([base, weights, moments, members, xs, ys]) => {
  const load = (name) => import(new URL(`${base}/playground/engine/${name}.js`, location.origin));
  const { Network } = await load('network');
  const { decodeParameters } = await load('decode');
  const { deadUnits } = await load('measure');
  const network = new Network(weights);
  const [[parameters]] = await decodeParameters(moments, members, network.count);
  return deadUnits(network, network.values(parameters, network.inputs({ xs, ys })));
}"""


def killed(config: PlaygroundConfig) -> MLP:
    """Of two layers of five units: unit 1 of each far below every point's sum, unit 3 far above,
    and unit 4 without weights, so that it says the same everywhere and still learns."""
    network = network_of(config, 1)
    for layer in network.layers[:2]:
        layer.bias[..., 1], layer.bias[..., 3] = -500.0, 500.0
        layer.weight[..., 4], layer.bias[..., 4] = 0.0, 0.2
    return network


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "leaky_relu", "gelu"])
def test_a_unit_is_dead_where_no_gradient_reaches_it(modules, activation):
    page, base = modules
    config = PlaygroundConfig.parse({"network": {"activation": activation, "widths": [5, 5]}})
    network = killed(config)
    points = np.random.default_rng(3).uniform(-3, 3, (50, 2)).astype(np.float32)
    theta = network.parameters.clone().requires_grad_()
    h = torch.from_numpy(points).unsqueeze(0)
    rule = {"leaky_relu": torch.nn.functional.leaky_relu, "gelu": torch.nn.functional.gelu}
    for layer in network.views(theta)[:2]:
        h = rule.get(activation, getattr(torch, activation, None))(h @ layer.weight + layer.bias)
    last = network.views(theta)[2]
    logits = (h @ last.weight + last.bias)[0]
    torch.nn.functional.cross_entropy(logits, torch.arange(50) % 4).backward()
    reached = [layer.bias.flatten() != 0 for layer in network.views(theta.grad)[:2]]
    expected = [(~layer).tolist() for layer in reached]
    parameters = network.parameters[None, :, : network.parameter_count].numpy()
    told = page.evaluate(
        DEAD,
        [base, weights_of(config, network), encode_parameters(parameters), 1,
         points[:, 0].tolist(), points[:, 1].tolist()],
    )  # fmt: skip
    if activation == "gelu":  # flat only where a float32 has nothing left of it: not looked for
        expected = [[False] * 5] * 2
    assert told == expected
    if activation == "relu":
        rows = Rows(torch.from_numpy(points), torch.zeros(50, dtype=torch.int64))
        assert [layer[0].tolist() for layer in dead_units(network, rows)] == told
