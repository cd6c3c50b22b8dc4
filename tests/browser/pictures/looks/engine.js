// What the page computes of networks: activations, features, axes, strengths, intervals, grids.
async () => {
  const { activate } = await load('playground/engine/activations');
  const { FEATURES, FEATURE_NAMES, inputPlanes, placesOf } = await load('playground/engine/features');
  const { deadUnits, principalAxes, project, strengths, wilson } = await load('playground/engine/measure');
  const { Network, answersOf, labelsOf, scoresOf, softmax } = await load('playground/engine/network');
  const { finenessFor, finerPlaces, gridPlaces } = await load('playground/pictures/grid');
  const { placesOf: netPlaces, curve } = await load('playground/network/places');
  const words = await load('playground/words');
  const looks = {};
  const sums = [-1e3, -30, -5, -2.5, -1, -0.4, -1e-9, 0, 1e-9, 0.3, 1, 2, 4.5, 30, 1e3, NaN];
  looks.activations = Object.fromEntries(['identity', 'relu', 'leaky_relu', 'tanh', 'sigmoid',
    'gelu'].map((name) => {
    const plane = Float64Array.from(sums);
    activate(plane, name);
    return [name, [...plane].map(String).map((text) => Number(Number(text).toPrecision(9)))
      .map(String)];
  }));
  const draw = lot(5);
  const [xs, ys] = [0, 1].map(() => Array.from({ length: 9 }, () => 4 * draw() - 2));
  looks.features = { names: FEATURE_NAMES, planes: inputPlanes({ xs, ys }, Object.keys(FEATURES)),
    places: placesOf([{ x: 1, y: 2 }, { x: 3, y: 4 }]) };
  looks.networks = {};
  for (const [name, told] of Object.entries({
    'five, four': { sizes: [3, 5, 4, 3], activation: 'tanh', outputs: 'logits',
      features: ['x1', 'x2', 'x1*x2'] },
    'one logit': { sizes: [2, 6, 1], activation: 'leaky_relu', outputs: 'one_logit',
      features: ['x2', 'sin(x1)'] },
    'no layer': { sizes: [2, 4], activation: 'relu', outputs: 'logits', features: ['x1', 'x2'] },
    gelu: { sizes: [2, 9, 2], activation: 'gelu', outputs: 'logits', features: ['x1^2', 'x2^2'] },
    saturated: { sizes: [2, 3, 2], activation: 'sigmoid', outputs: 'logits', scale: 900,
      features: ['x1', 'x2'] },
    'saturated at both ends': { sizes: [2, 5, 2], activation: 'tanh', outputs: 'logits', scale: 9e4,
      features: ['x1^2', 'x2^2'] } })) {
    const network = new Network(told);
    const parameters = () => Float32Array.from({ length: network.count }, () =>
      (told.scale ?? 2) * (draw() - 0.45));
    const members = [parameters(), parameters(), parameters()];
    const inputs = network.inputs({ xs, ys });
    const values = network.values(members[0], inputs);
    looks.networks[name] = { count: network.count, classes: network.classes, values,
      weight: network.weight(members[0], 0, 1, 2), bias: network.bias(members[0], 0, 1),
      one: scoresOf(network, members.slice(0, 1), inputs),
      given: scoresOf(network, members.slice(1, 2), inputs, values),
      three: scoresOf(network, members, inputs), answers: answersOf(network, members, inputs),
      strengths: strengths(network, members[0], values), dead: deadUnits(network, values) };
  }
  looks.softmax = softmax([[0, 800, -5, 1], [0, -800, 5, 2], [3, 1, 5, -1]].map((one) =>
    Float64Array.from(one)));
  looks.labels = labelsOf([[0, 3, 1, 2], [1, 3, 0, 2.5], [1, 2, 7, 2.4]]);
  const planes = (count, spread = 1) => Array.from({ length: count }, (_, k) =>
    Array.from({ length: 40 }, () => spread * (draw() - 0.5) * (5 - k)));
  const wide = planes(4);
  const axes = principalAxes(wide);
  looks.axes = { wide: axes, again: principalAxes(planes(4), axes),
    others: principalAxes(planes(3), axes), two: principalAxes(planes(2)),
    one: principalAxes(planes(1)), none: principalAxes(planes(4, 0)), project: project(wide, axes) };
  looks.wilson = [[0, 1], [1, 1], [0.5, 10], [0.93, 200], [1, 1000], [0, 77]].map(([share, n]) =>
    wilson(share, n));
  looks.grids = { fineness: [1, 100, 627, 628, 1107, 1108, 2462, 2463, 1e6].map((n) =>
    [n, finenessFor(n)]), four: gridPlaces([-1, 3, 2, 7], 4),
  finer: finerPlaces([-1, 3, 2, 7], 4, [0, 5, 15], 2), finest: finerPlaces([0, 1, 0, 1], 3, [4], 3) };
  const strong = [[3, 1, 2, 9, 4, 5, 6, 8, 7, 0, 11, 10], [1, 2, 3]];
  looks.places = [[600, 500, [true, false, true, true, false, true, true], [12, 3], 4],
    [380, 420, [true, true, false, false, false, false, false], [12, 3], 2],
    [320, 300, [true, true, true, true, true, true, true], [12, 3, 3, 2], 8],
    [900, 700, [true], [], 3], [419, 640, [true, true], [8], 3], [420, 640, [true, true], [8], 3],
    [700, 900, [true, true], [9], 2]].map(([width, height, features, widths, outputs]) =>
    netPlaces({ width, height, features, widths, outputs, strengths: [strong[0], strong[1],
      strong[1], strong[1]] }));
  looks.curve = curve({ x: 10, y: 20.5 }, { x: 110, y: 77 }, 24);
  const { number, percent, count, lettered, spoken } = words;
  looks.words = {
    numbers: [[0, 1], [-0.04, 1], [-0.06, 1], [3.14159, 3], [-2.5, 0], [NaN, 2], [-Infinity, 1]]
      .map(([value, digits]) => number(value, digits)),
    percents: [null, undefined, NaN, 0, 0.1234, 1].map((share) => percent(share)),
    whole: percent(0.876, 0), counts: [0, 1234567, 0.000012345, 0.1 + 0.2].map(count),
    lettered: ['class 0 and 3', 'Classes 1, 2 and 7 are', 'class 10', 'class 3 %', 'class 1.5',
      'classes 0 or 1', 'a class of 3', 'class 8', 'class 2, 0.5'].map(lettered),
    spoken: [{ x: -1.005, y: 2 }, { x: 0, y: -0.001, label: 1, part: 0 },
      { x: 9.999, y: 3, label: 0, part: 2 }, { x: 1, y: 1, label: 1, part: 1 }].map((place) =>
      spoken({ label: (k) => 'AB'[k] }, place, { probabilities: [0.25, 0.75] })),
  };
  return looks;
}
