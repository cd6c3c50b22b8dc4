"""The drawn network and the small pictures beside it, each alone on a page, against numpy."""

import re

import numpy as np
import pytest

from classifiers.ui.static import address

# A function of some modules: `load(name)` gives one of them.
RUN = """async ([base, body, values]) => {
  const load = (name) => import(new URL(`${base}/playground/${name}.js`, location.origin));
  const plain = (v) => ArrayBuffer.isView(v) ? [...v] : v;
  const call = new Function('load', 'values', `return (${body})(load, values)`);
  return plain(await call(load, values));
}"""
COLOURS = {
    "classes": [[200, 0, 0], [0, 200, 0], [0, 0, 200]],
    "paper": [255, 255, 255],
    "dark": False,
}


@pytest.fixture(scope="module")
def run(shared_page, app_url):
    where = address("page/dom.js")
    shared_page.goto(f"{app_url}/{where}")
    base = "/" + where.rpartition("/page/")[0]
    return lambda body, *values: shared_page.evaluate(RUN, [base, body, values])


def test_a_wide_layer_shows_the_units_that_have_most_to_say(run):
    strengths = np.random.default_rng(2).uniform(0, 3, 12).tolist()
    places = run(
        """async (load, [strengths]) => (await load('network/places')).placesOf({ width: 800,
          height: 500, features: [true, false], widths: [12], outputs: 2,
          strengths: [strengths] })""",
        strengths,
    )
    [layer] = places["layers"]
    assert [place["unit"] for place in layer["units"]] == np.argsort(strengths)[::-1][:8].tolist()
    assert layer["more"]["count"] == 4


BROKEN = """async (load) => {
  const { Diagram } = await load('network/diagram');
  const reading = { broken: true, dead: [[false]], film: {}, moment: {} };
  const [canvas, button] = ['canvas', 'button'].map((name) => document.createElement(name));
  const diagram = Object.create(Diagram.prototype);
  diagram.now = { reading, colours: {}, asked: null };
  diagram.paint({ layer: 1, unit: 0, canvas, button, plane: [1, 2], colours: diagram.now.colours });
  return canvas.width;
}"""


def test_a_unit_shows_nothing_once_its_weights_are_no_numbers(run):
    assert run(BROKEN) == 0


LINKS = """async (load, [parameters, place]) => {
  const { Links } = await load('network/links');
  const { Network } = await load('engine/network');
  const network = new Network({ sizes: [2, 3, 1], activation: 'tanh', outputs: 'one_logit',
    features: ['x1', 'x2'] });
  const values = place && network.values(parameters,
    network.inputs({ xs: [place[0]], ys: [place[1]] })).map((layer) => layer.map(([v]) => v));
  const column = (layer, count) => Array.from({ length: count },
    (_, unit) => ({ layer, unit, x: 100 * layer, y: 50 * unit }));
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const links = new Links(svg, () => {});
  links.build([column(0, 2), column(1, 3), column(2, 1)], 20);
  links.draw({ network, broken: false, moment: { members: [parameters] } },
    { hot: null, asked: place && { values } });
  return links.links.map(({ path, layer, from, to }) => [layer, from.unit, to.unit,
    path.style.cssText]);
}"""


@pytest.mark.parametrize("place", [None, [1.5, -2.0]])
def test_a_link_is_its_weight_or_what_it_carries(run, place):
    rng = np.random.default_rng(4)
    first, bias, second = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=(3, 1))
    parameters = [*first.ravel(), *bias, *second.ravel(), 0.2]
    carried = [first, second]
    if place:
        hidden = np.tanh(np.array(place) @ first + bias)
        carried = [first * np.array(place)[:, None], second * hidden[:, None]]
    links = run(LINKS, parameters, place)
    assert len(links) == 2 * 3 + 3 * 1
    for layer, start, end, look in links:
        value = carried[layer][start, end]
        share = abs(value) / np.abs(carried[layer]).max()
        assert f"var(--{'neg' if value < 0 else 'pos'})" in look
        width = float(re.search(r"stroke-width: ?([\d.]+)", look)[1])
        assert width == pytest.approx(0.6 + 3.6 * share, abs=0.051)


def test_a_single_logit_is_drawn_to_the_class_that_it_speaks_for(run):
    units = run(
        """async (load, [outputs]) => (await load('network/diagram')).Diagram.prototype
          .one(outputs, { weights: { outputs: 'one_logit' } })""",
        [{"name": "A", "unit": 0}, {"name": "B", "unit": 1}],
    )
    assert units == [{"name": "B", "unit": 0}]


def test_the_weights_that_are_told_are_the_largest_of_either_sign(run):
    weights = np.random.default_rng(6).normal(size=(12, 2))
    told = run(
        """async (load, [parameters]) => {
          const { HoverCard } = await load('network/hover');
          const { Network } = await load('engine/network');
          const network = new Network({ sizes: [1, 12, 2], activation: 'relu', outputs: 'logits',
            features: ['x1'] });
          const card = new HoverCard(document.createElement('div'));
          return [...card.weights(network, parameters, 1, 1).querySelectorAll('.weight')]
            .map((row) => [...row.children].map((e) => e.textContent).filter(Boolean));
        }""",
        [*np.zeros(24), *weights.T.ravel(), 0.5, -0.25],
    )
    own = weights[:, 1]
    largest = np.sort(np.argsort(-np.abs(own))[:8])
    wanted = [[f"unit {k + 1}", f"{own[k]:.2f}".replace("-", "−")] for k in largest]
    assert told[:8] == wanted
    assert told[-1] == ["bias", "−0.25"]


def test_the_card_of_a_link_names_its_two_ends(run):
    told = run(
        """async (load) => {
          const { HoverCard } = await load('network/hover');
          const box = document.createElement('div');
          const end = (unit) => ({ unit, x: 0, y: 0 });
          new HoverCard(box).link({ layer: 1, weight: 0.5, from: end(2), to: end(0) },
            { reading: { network: {}, film: {} } });
          return box.textContent;
        }"""
    )
    assert told == "From unit 3 of layer 1 to unit 1 of layer 2: weight 0.500"


CARD = """async (load, [unit, parameters, broken]) => {
  const { HoverCard } = await load('network/hover');
  const { Network } = await load('engine/network');
  const network = new Network({ sizes: [2, 10, 2], activation: 'tanh', outputs: 'logits',
    features: ['x2', 'x1'] });
  const plane = Float64Array.from([-0.5, 0.25, 1.5, 0]);
  const box = document.createElement('div');
  const card = new HoverCard(box);
  const film = { label: (k) => 'AB'[k] };
  const values = [2, 10, 2].map((count) => Array(count).fill(plane));
  card.show({ x: 0, y: 0, button: box, ...unit }, { colours: { ...window.tints, pos: [0, 0, 0],
    neg: [9, 9, 9], paper: [255, 255, 255] },
  reading: { film, network, values, broken, moment: { members: [parameters] } } });
  return { title: box.querySelector('h3').textContent, text: box.textContent,
    ends: [...box.querySelectorAll('.ends')].map((e) => [...e.children].map((x) => x.textContent)),
    names: [...box.querySelectorAll('.weight span:first-child')].map((e) => e.textContent),
    rows: [...box.querySelectorAll('.weight')].map((e) => e.textContent),
    bars: [...box.querySelectorAll('.bar i')].map((e) => e.style.cssText) };
}"""


def test_the_card_of_a_unit_names_it_its_inputs_and_the_signs_of_weights(run):
    first = np.zeros((2, 10))
    first[:, 3] = [0.5, -1.0]
    parameters = [*first.ravel(), *np.zeros(10), *np.arange(20.0), 0, 0]
    told = run(CARD, {"layer": 1, "unit": 3}, parameters, False)
    assert told["title"] == "Layer 1, unit 4"
    assert told["names"] == ["x₂", "x₁", "bias"]
    assert told["ends"][0] == ["−1.5", "0", "1.5"]
    right, left = told["bars"]
    assert re.search(r"left: ?50%; ?width: ?25%; ?background: ?var\(--pos\)", right)
    assert re.search(r"right: ?50%; ?width: ?50%; ?background: ?var\(--neg\)", left)
    out = run(CARD, {"layer": 2, "unit": 1, "isOutput": True}, parameters, False)
    assert out["title"] == "Output B"
    assert out["names"][0] == "unit 3", "the two smallest are left out"
    assert out["rows"][-2:] == ["+2 more", "bias0.00"]
    assert run(CARD, {"layer": 1, "unit": 3, "dead": True}, parameters, True)["text"] == (
        "Layer 1, unit 4 is dead: no training point changes its weights"
        "The weights are no longer numbers."
    )


def test_the_card_of_a_link_names_inputs_and_outputs(run):
    told = run(
        """async (load) => {
          const { HoverCard } = await load('network/hover');
          const box = document.createElement('div');
          const card = new HoverCard(box);
          const reading = { network: { features: ['x1', 'x2'] }, film: { label: (k) => 'AB'[k] } };
          const end = (unit, isOutput) => ({ unit, isOutput, x: 0, y: 0 });
          card.link({ layer: 0, weight: -0.25, from: end(1), to: end(1, true) }, { reading });
          const text = box.textContent;
          card.link(null, { reading });
          return [text, box.firstChild.hidden];
        }"""
    )
    assert told == ["From x₂ to output B: weight −0.250", True]


ANSWER = """async (load, [asked, place, outputs]) => {
  const { answerOf } = await load('results/answer');
  const film = { start: { weights: { outputs } }, label: (k) => 'ABC'[k] };
  const [verdict, logits, chances] = answerOf({ reading: { film }, place, asked }, () => {});
  const bars = (part) => [...part.querySelectorAll('.bar i')].map((e) =>
    [e.style.left, e.style.right, e.style.width, e.style.background]);
  return { head: verdict.querySelector('h3').textContent, said: verdict.textContent,
    logits: bars(logits), chances: bars(chances), note: logits.lastChild.textContent };
}"""


def test_an_answer_is_right_or_wrong_counts_who_agrees_and_draws_negatives_to_the_left(run):
    asked = {"probabilities": [0.25, 0.6, 0.15], "said": [1, 1, 0], "logits": [-1.0, 2.0, 0.5]}
    at = {"x": -0.5, "y": 1.25}
    told = run(ANSWER, asked, {**at, "label": 1, "part": 1}, "logits")
    assert told["head"] == "2 of 3 networks say"
    assert "B, 60 %Right: this test point is B." in told["said"]
    assert "x₁ −0.50, x₂ 1.25" in told["said"]
    own = [f"var(--class-{letter})" for letter in "ABC"]
    assert told["logits"] == [
        ["", "50%", "25%", own[0]], ["50%", "", "50%", own[1]], ["50%", "", "12.5%", own[2]]
    ]  # fmt: skip
    assert told["chances"] == [
        ["0%", "", width, colour] for width, colour in zip(("25%", "60%", "15%"), own, strict=True)
    ]
    wrong = run(ANSWER, asked, {**at, "label": 0, "part": 0}, "logits")["said"]
    assert "Wrong: this training point is A." in wrong
    alone = {"probabilities": [0.8, 0.2], "said": [0], "logits": [-1.4]}
    one = run(ANSWER, alone, at, "one_logit")
    assert one["head"] == "It says"
    assert one["note"] == "One logit: above 0 is B."
    assert "No point here" in one["said"]


def test_what_is_said_of_an_exercises_runs_on_their_way_is_of_the_newest(run):
    told = run(
        """async (load) => {
          const { Pictures } = await load('exercises/pictures');
          const film = (reached) => ({ film: { reached, start: { epochs: 1200 } } });
          return [[], [film(7)], [film(1200), film(31)]].map((begun) =>
            Pictures.prototype.progress.call(
              { shots: [...begun, ...Array(3 - begun.length).fill({ film: null })] }));
        }"""
    )
    assert told == [
        "Waiting for its turn…",
        "Training 1 of 3: epoch 7 of 1,200",
        "Training 2 of 3: epoch 31 of 1,200",
    ]


def test_a_place_is_told_to_ears_with_the_point_that_lies_there(run):
    told = run(
        """async (load) => {
          const { spoken } = await load('words');
          const film = { label: (k) => 'AB'[k] };
          return [{}, { label: 0, part: 0 }].map((point) =>
            spoken(film, { x: 0.5, y: -1, ...point }, { probabilities: [0.3, 0.7] }));
        }"""
    )
    assert told[0] == "x1 0.50, x2 −1.00: B, 70 %."
    assert told[1] == f"{told[0]} A training point of A is here."


def test_a_single_logit_is_told_beside_the_class_that_it_speaks_for(run):
    row = run(
        """async (load) => {
          const { answerOf } = await load('results/answer');
          const film = { start: { weights: { outputs: 'one_logit' } }, label: (k) => 'AB'[k] };
          const [, logits] = answerOf({ reading: { film }, place: { x: 0, y: 0 },
            asked: { probabilities: [0.2, 0.8], said: [1], logits: [1.4] } }, () => {});
          return logits.querySelector('.answer-row').textContent;
        }"""
    )
    assert row == "B1.4"


SHEET = """async (load, acts) => {
  const { Sheet } = await load('data/canvas');
  const { OwnPoints } = await load('data/own_points');
  const own = new OwnPoints([[0, 0, 0], [1, 1, 1]]);
  const [box, tools] = [document.createElement('div'), document.createElement('div')];
  const told = [];
  const tell = (name) => () => told.push(name);
  const sheet = new Sheet(box, tools, own, { act: { sketched: () => {},
    drawn: () => { told.push('drawn'); sheet.show(); },
    ask: tell('ask'), forget: tell('forget'), toggle: tell('toggle') },
  see: () => ({ extent: [0, 1, 0, 1], points: [], own: true, view: 'classes' }) });
  box.style.cssText = 'width: 500px';
  document.body.append(box);
  sheet.show();
  const all = (selector) => [...tools.querySelectorAll(selector)].map((e) => e.dataset.tool);
  const look = () => ({ shown: all('[data-tool^=pen]:not([hidden])').join(''),
    pressed: all('[aria-pressed=true]').join(), off: all(':disabled').join(),
    name: sheet.name.hidden ? null : [sheet.name.placeholder, sheet.name.ariaLabel],
    count: sheet.count.textContent, points: own.points, told: told.splice(0) });
  const looks = [look()];
  for (const act of acts) {
    const [key, ctrl] = act.split('+').toReversed();
    if (act in { 'pen-B': 1, 'pen-C': 1, forth: 1, clear: 1, wipe: 1 }) {
      tools.querySelector(`[data-tool=${act}]`).click();
    } else box.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: Boolean(ctrl) }));
    looks.push(look());
  }
  localStorage.clear();
  box.remove();
  return looks;
}"""


def test_points_are_drawn_wiped_and_taken_back_by_keys(run):
    first, pen, _, drawn, typed, back, forth, _, wiped, clear, *others = run(
        SHEET, "pen-C", "ArrowUp", "Enter", "z", "Control+z", "forth", "wipe", "Enter", "clear",
        "Escape", " ",
    )  # fmt: skip
    usual, new = [[0, 0, 0], [1, 1, 1]], [0.5, 0.52, 2]
    assert (first["shown"], first["pressed"]) == ("pen-Apen-Bpen-C", "ask")
    assert (first["off"], first["name"], first["count"]) == ("back,forth", None, "2 of 2,000")
    assert pen["pressed"] == "pen-C"
    assert pen["name"] == ["Name of C", "What class C is called"]
    assert drawn["points"] == [*usual, new]
    assert (drawn["shown"], drawn["off"]) == ("pen-Apen-Bpen-Cpen-D", "forth")
    assert (drawn["count"], drawn["told"]) == ("3 of 2,000", ["drawn"])
    assert (typed["points"], typed["told"]) == (drawn["points"], [])
    assert (back["points"], back["told"]) == (usual, ["drawn"])
    assert forth["points"] == drawn["points"]
    assert (wiped["points"], wiped["pressed"], wiped["name"]) == (usual, "wipe", None)
    assert (clear["points"], clear["off"]) == ([], "forth,clear")
    assert [one["told"] for one in others] == [["forget"], ["toggle"]]


def test_a_thumbnail_follows_its_points(run):
    """As many points of another seed are other points."""
    told = run(
        """async (load, [colours, clouds]) => {
          const { Thumbs } = await load('data/thumbs');
          const root = document.createElement('div');
          const thumbs = new Thumbs(root, { sets: { moons: { title: 'Moons', points: [] } },
            thumbnail_points: 170 }, () => {});
          return clouds.map((points) => {
            thumbs.draw('moons', points, [0, 4, 0, 4], [], colours);
            const context = root.querySelector('canvas').getContext('2d');
            return points.map(({ x, y }) => [...context.getImageData(38 * x, 38 * (4 - y), 1, 1)
              .data]);
          });
        }""",
        COLOURS,
        [
            [{"x": 1, "y": 1, "label": 0}, {"x": 3, "y": 2, "label": 1}],
            [{"x": 2, "y": 3, "label": 1}, {"x": 1, "y": 2, "label": 2}],
        ],
    )
    labels = [[0, 1], [1, 2]]
    assert told == [[[*COLOURS["classes"][k], 255] for k in some] for some in labels]


def test_a_ring_is_a_test_point_and_nothing_else(run):
    draw = """async (load, [colours, show]) => {
      const { drawPoints } = await load('pictures/marks');
      const context = Object.assign(document.createElement('canvas'), { width: 120, height: 40 })
        .getContext('2d');
      const points = [0, 1, 2].map((part) => ({ part, label: part }));
      drawPoints(context, points, (i) => [20 + 40 * i, 20], colours,
        { ratio: 1, size: 560, show });
      return points.map((_, i) => [...context.getImageData(20 + 40 * i, 20, 1, 1).data]);
    }"""
    training, _, validation = ([*colour, 255] for colour in COLOURS["classes"])
    paper, nothing = [255] * 4, [0] * 4
    assert run(draw, COLOURS, {"training": True, "test": True}) == [training, paper, validation]
    assert run(draw, COLOURS, {"training": True, "test": False}) == [training, nothing, validation]
    assert run(draw, COLOURS, {"training": False, "test": True}) == [nothing, paper, nothing]


def test_an_even_guess_is_paper_and_certainty_is_the_class(run):
    sure = np.array([1 / 3, 0.5, 0.75, 1.0])
    others = (1 - sure) / 2
    pixels = run(
        """async (load, [colours, planes]) => (await load('pictures/shades'))
          .confidencePixels(planes, colours)""",
        COLOURS,
        [others.tolist(), sure.tolist(), others.tolist()],
    )
    found = np.array(pixels, np.uint32).view(np.uint8).reshape(-1, 4)[:, :3].astype(float)
    share = 0.7 * (sure - 1 / 3) / (2 / 3)
    wanted = 255 + share[:, None] * (np.array(COLOURS["classes"][1]) - 255)
    assert np.abs(found - wanted).max() <= 0.5 + 0.7 * 255 / 128
