// What is drawn over and beside a picture, and what stands behind it: edges, marks, shades, charts,
// own points, questions, settings.
async ({ settings, bayes }) => {
  const { BestEdge } = await load('playground/pictures/best');
  const { drawAxes, drawCrosshair, drawDots, drawPoints } = await load('playground/pictures/marks');
  const shades = await load('playground/pictures/shades');
  const { paintRegions } = await load('playground/pictures/regions');
  const { drawSpace, foldedSpace } = await load('playground/pictures/space');
  const { css, mix, packed, readColours } = await load('playground/pictures/colours');
  const { Thumbs } = await load('playground/data/thumbs');
  const { OwnPoints } = await load('playground/data/own_points');
  const { decodePlanes, decodePoints } = await load('film/decode');
  const { Curves } = await load('playground/run/curves');
  const { EarlyPresses } = await load('playground/run/early_presses');
  const { Server } = await load('playground/run/server');
  const config = await load('playground/settings/config');
  const { ownQuery, placeToShare } = await load('playground/window/hub_frame');
  const { namesSettings } = await load('playground/window/address');
  const looks = {};
  const draw = lot(9);
  const dark = { ...colours, dark: true };

  // The edge of the best possible, joined: of one that is long, and of some that are small.
  const Real = window.Path2D;
  window.Path2D = Trace;
  const trace = (plane, side, size) => {
    const edge = new BestEdge();
    const film = { bayes: plane, start: { bayes_side: side } };
    return [edge.path(film, size).way, edge.path(film, 2 * size).way.slice(0, 2)];
  };
  const [plane] = await decodePlanes(bayes, 96 * 96);
  const wide = trace(plane, 96, 300);
  looks.edges = { pieces: wide[0].filter((op) => op.startsWith('M')),
    way: shortened(wide[0], 10), again: wide[1],
    small: trace([5, 5, 40, 5, 5, 50, 36, 5, 5, 5, 5, 5, 5, 70, 5, 5].map((v) => v), 4, 8),
    ring: trace([3, 3, 3, 3, 40, 3, 3, 3, 3], 3, 3) };
  window.Path2D = Real;

  const over = (call) => {
    const { context, ops } = recorder();
    call(context);
    return shortened(ops, 90);
  };
  const points = (count) => Array.from({ length: count }, (_, i) =>
    ({ x: i, y: 2 * i, label: i % 8, part: i % 3 }));
  const at = (i) => [3 * i, 100 - i];
  const all = { training: true, test: true };
  looks.marks = Object.fromEntries(Object.entries({
    'large, twice': [7, 2, 1400, all], small: [4, 1, 300, { ...all, small: true }],
    'training alone': [4, 1, 560, { training: true, test: false }], wide: [3, 1, 900, all],
    many: [1201, 1, 500, all], 'not yet many': [1200, 1, 500, all] }).map(([name, [count, ratio,
    size, show]]) => [name, over((context) =>
    drawPoints(context, points(count), at, colours, { ratio, size, show }))]));
  looks.axes = [[[-6, 6, -3, 3], 1, 480], [[0.1, 0.35, 100, 2500], 2, 900], [[-1, 1, -1, 1], 1, 120]]
    .map(([extent, ratio, size]) => over((context) =>
      drawAxes(context, extent, colours, { ratio, size })));
  looks.crosshair = over((context) => drawCrosshair(context, [30, 50], colours,
    { ratio: 2, size: 200 }));
  looks.dots = [false, true].map((small) => over((context) =>
    drawDots(context, new Path2D(), colours, { ratio: 2, show: { small } })));

  const square = (values) => Float64Array.from(values);
  const three = [0, 1, 2].map((c) => square(Array.from({ length: 9 }, (_, i) =>
    [0.9, 0.4, 0.1, 0.3, 0.34, 0.02, 0, 0.2, 0.5][(i + 2 * c) % 9])));
  const flat = (pixels) => [...pixels].map((pixel) => [0, 8, 16, 24].map((k) =>
    (pixel >>> k) & 255).join(' '));
  looks.shades = {};
  for (const [name, tone] of Object.entries({ light: colours, dark })) {
    looks.shades[name] = { confidence: flat(shades.confidencePixels(three, tone)),
      disagreement: flat(shades.disagreementPixels(square([0, 0.1, 0.3, 0.6, 0.7, 1, 0.05, 0.55, 0.2]),
        [0, 1, 2, 0, 1, 2, 0, 1, 2], tone)),
      unit: flat(shades.unitPixels(square([-2, -1, 0, 0.5, 1, 4, -0.1, 3.99, -4]), tone)),
      nothing: flat(shades.unitPixels(square([0, 0, 0, 0]), tone)),
      share: flat(shades.sharePixels(square([0, 0.2, 0.5, 1]), tone.classes[1], tone)) };
  }
  const numbers = square(Array.from({ length: 49 }, (_, i) => i));
  looks.thinned = [1, 2, 3, 4].map((stride) => shades.thinned(numbers, 6, stride));
  looks.shares = shades.disagreementShares({ mean: [numbers.slice(0, 16)],
    labels: [[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], new Array(16).fill(0),
      [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 1]] }, new Array(16).fill(0));
  looks.colours = { mixed: mix([0, 100, 200], [50, 0, 100], 0.25), css: [css([1.4, 2.5, 3.6]),
    css([1, 2, 3], 0.4)], packed: packed([1.2, 2.6, 255]) };
  const styled = document.createElement('div');
  for (const mode of [0, 128]) {
    const hex = (k) => `#${[mode, mode + k, 90 - k].map((v) => v.toString(16).padStart(2, '0')).join('')}`;
    ['page', 'paper', 'ink', 'ink2', 'line', 'line2', 'wash', 'pos', 'neg'].forEach((name, k) =>
      styled.style.setProperty(`--${name}`, ` ${hex(k)}`));
    [...'ABCDEFGH'].forEach((letter, k) => styled.style.setProperty(`--class-${letter}`, hex(9 + k)));
    document.body.append(styled);
    looks[`colours of ${mode}`] = readColours(styled);
  }

  // Every pixel of small pictures; where nothing finer is known, and where there is.
  const paint = (name, planes, cells, size, look, ask = null, parts = 3) => {
    const pixels = new Uint32Array(size * size).fill(0xff808080);
    paintRegions(pixels, size, { scores: planes, cells, extent: [0, 1, 0, 1], ask, parts }, colours,
      { fill: true, alpha: 0.8, line: 2, ...look });
    looks[`regions: ${name}`] = Array.from({ length: size }, (_, row) =>
      [...pixels.slice(row * size, (row + 1) * size)].map((pixel) =>
        (pixel & 255).toString(16).padStart(2, '0')).join(' '));
  };
  const corners = (rule, cells) => square(Array.from({ length: (cells + 1) ** 2 }, (_, i) =>
    rule((i % (cells + 1)) / cells, Math.floor(i / (cells + 1)) / cells)));
  const slope = (x, y) => x + 0.6 * y - 0.8;
  const rings = (x, y) => Math.hypot(x - 0.45, y - 0.55) - 0.3;
  const zero = () => 0;
  paint('a slope', [corners(zero, 4), corners(slope, 4)], 4, 26, {});
  paint('edges alone', [corners(zero, 4), corners(slope, 4)], 4, 26, { fill: false, line: 3 });
  paint('no edges', [corners(zero, 5), corners(rings, 5), corners((x) => x - 0.7, 5)], 5, 30,
    { alpha: 0 });
  paint('asked', [corners(zero, 5), corners(rings, 5)], 5, 30, {}, ({ xs, ys }) =>
    [xs.map(zero), xs.map((x, i) => rings(x, 1 - ys[i]))], 2);
  paint('three', [corners(zero, 6), corners(rings, 6), corners((x, y) => x * y - 0.3, 6)], 6, 31, {});
  paint('one class', [corners(() => 1, 3), corners(zero, 3)], 3, 12, {});

  const folded = foldedSpace({ cells: 56, size: 200, before: null,
    grid: [0, 1, 2].map((k) => corners((x, y) => Math.sin(k + 3 * x) + k * y, 56)),
    scores: [corners(zero, 56), corners(slope, 56)],
    points: [0, 1, 2].map((k) => [0.1, 0.5, 0.9, 0.3].map((x) => Math.sin(k + 3 * x) + k * x)) });
  looks.space = { tiles: folded.tiles.length, some: folded.tiles.filter((_, i) => i % 97 === 0),
    share: folded.basis.share, place: [0, 1, 2, 3].map((i) => folded.place(i)),
    light: over((context) => drawSpace(context, folded, colours, { ratio: 2, size: 200 })),
    dark: over((context) => drawSpace(context, { tiles: folded.tiles.slice(0, 2) }, dark,
      { ratio: 1, size: 90 })) };

  const place = document.createElement('div');
  document.body.replaceChildren(place);
  const thumbs = new Thumbs(place, { sets: { moons: { title: 'Moons',
    points: points(90).map(({ x, y, label }) => [x, y, label]) },
  points: { title: 'Own', points: [] } }, thumbnail_points: 40 }, (name) => looks.chosen = name);
  looks.thumbs = [['moons', [], [-1, 1, 0, 2]], ['points', [[1, 2, 0], [3, 1, 2]], [0, 4, 0, 4]],
    ['points', [], [0, 4, 0, 4]]].map(([chosen, own, extent]) => thumbs.buttons.map((thumb) => {
    const { context, ops } = recorder();
    thumb.canvas.getContext = () => context;
    thumbs.draw(chosen, points(chosen === 'moons' ? 70 : 5), extent, own, colours);
    const before = ops.length;
    thumbs.draw(chosen, points(chosen === 'moons' ? 70 : 5), extent, own, colours);
    return [before, ops.length, shortened(ops, 40)];
  }));
  thumbs.buttons[1].button.click();
  looks['thumbs drawn'] = place;
  looks.points = decodePoints({ data: btoa(String.fromCharCode(0, 0, 255, 255, 0x12, 0, 128, 0, 64,
    0x2f, 9, 9)) }, [-2, 6, 10, 12]);

  localStorage.clear();
  const own = new OwnPoints([[0, 0, 0]]);
  const steps = [];
  const note = (what, value) => steps.push([what, value ?? null, own.points, own.names, own.dataset,
    own.before.length, own.after.length, localStorage.getItem('own-points')]);
  note('usual');
  own.begin();
  note('add', own.add(1.23456, -0.00012345, 3));
  own.move(0, 9.87654, 2);
  note('move');
  own.keep();
  own.call(1, '  ill  ');
  own.call(0, 'x'.repeat(50));
  note('call');
  note('wipe', [own.wipe(([x]) => x < 5), own.wipe(() => true)]);
  own.back();
  note('back');
  own.forth();
  note('forth');
  own.replace([[1, 1, 1], [2, 2, 0]]);
  own.replace([[1, 1, 1], [2, 2, 0]], []);
  note('replace');
  own.clear();
  note('clear');
  own.replace([[1, 1, 1]], ['a', '', 'c', 'd']);
  note('more names than classes');
  for (let k = 0; k < 120; k += 1) own.begin();
  own.replace(Array.from({ length: 2100 }, (_, k) => [k, 0, 0]));
  note('many', own.add(0, 0, 0));
  own.back();
  looks['own points'] = steps;
  looks['own points kept'] = ['[[[1,2,0]],["a"]]', '[[[1,2]],[]]', '[[[1,2,null]],[]]', 'no', '[[],[3]]',
    '[[[1,2,0]],["a","b","c","d","e","f","g","h","i"]]'].map((text) => {
    localStorage.setItem('own-points', text);
    const { points: kept, names } = new OwnPoints('usual');
    return [kept, names];
  });

  // Curves of losses near and far, asked for by mouse and keys.
  looks.curves = {};
  const rows = (losses, accuracies, epochs) => ({ epoch: epochs,
    train_loss: { mean: losses, low: losses.map((v) => v && v / 2), high: losses.map((v) => v && 2 * v) },
    test_loss: { mean: losses.map((v) => v && 1.1 * v) }, train_accuracy: { mean: accuracies },
    test_accuracy: { mean: accuracies.map((v) => v && v - 0.04) } });
  for (const [name, [losses, accuracies, epochs, about]] of Object.entries({
    'to 100': [[2, 1, 0.6, 0.5], [0.3, 0.5, 0.7, 0.9], [0, 10, 50, 100], {}],
    'beyond 100': [[0.4, 0.3], [0.85, 0.99], [0, 101], { bayes: 0.95 }],
    'far apart': [[9, 0.5, 0.001], [0.5, 0.9, 1], [0, 500, 1204], {}],
    'very large': [[3e6, 2e5, 40], [0.1, 0.2, 0.3], [0, 2, 4], { result: 0.7 }],
    'no number': [[1.2, null], [0.5, null], [0, 1], {}],
    'a gap': [[2, null, 0.6, 0.5], [0.5, 0, 0.7, 0.9], [0, 3, 6, 20], {}],
    none: [[null], [null], [0], {}], '60 times': [[6, 0.1], [0.79, 0.81], [0, 8], {}] })) {
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    root.innerHTML = '<style>.plot { width: 320px; height: 120px; display: block }</style>';
    const asked = [];
    const drawn = new Curves(root, { seek: (epoch) => asked.push(epoch),
      step: (by) => asked.push(by === Infinity || by === -Infinity ? String(by) : by) });
    const film = { rows: rows(losses, accuracies, epochs), reached: epochs.at(-1), changes: [],
      result: about.result ? { bayes_accuracy: about.result } : null,
      start: { bayes_accuracy: about.bayes },
      rowAt: (epoch) => Object.fromEntries(['train_loss', 'test_loss', 'train_accuracy',
        'test_accuracy'].map((key) => [key, film.rows[key].mean[epochs.indexOf(epoch)]])) };
    drawn.draw(film, { epoch: epochs.at(-1) }, [{ epoch: epochs.at(-1), text: 'rate 1' },
      { epoch: epochs[0], text: 'all' }]);
    const [{ svg }] = drawn.plots;
    const { left } = svg.getBoundingClientRect();
    svg.setPointerCapture = (id) => asked.push(`held ${id}`);
    for (const [kind, x] of [['pointermove', 50], ['pointerdown', 32], ['pointermove', 161],
      ['pointermove', 500], ['pointerup', 0], ['pointermove', 99], ['pointerdown', 70], ['pointercancel', 0],
      ['pointermove', 120]]) {
      svg.dispatchEvent(new PointerEvent(kind, { clientX: left + x, pointerId: 1 }));
    }
    for (const key of ['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'PageDown', 'PageUp', 'Home',
      'End', 'a']) svg.dispatchEvent(new KeyboardEvent('keydown', { key }));
    looks.curves[name] = { drawn: lines(root).slice(2), asked };
  }
  // What is drawn anew: of the same run, as many epochs.
  {
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    root.innerHTML = '<style>.plot { width: 320px; height: 120px; display: block }</style>';
    const drawn = new Curves(root, { seek: () => {}, step: () => {} });
    const film = { rows: rows([2, 1], [0.5, 0.7], [0, 8]), reached: 8, changes: [], result: null, start: {},
      rowAt: () => ({ train_loss: 1, test_loss: 1, train_accuracy: 1, test_accuracy: 1 }) };
    looks['curves anew'] = [{}, {}, { changes: [{}] }, {}, { result: { bayes_accuracy: 0.75 } }, {}].map((about) => {
      const first = drawn.plots.map(({ svg }) => svg.firstChild);
      Object.assign(film, about);
      drawn.draw(film, { epoch: 8 }, film.changes.map(() => ({ epoch: 4, text: 'rate 1' })));
      return drawn.plots.map(({ svg }, i) => [svg.firstChild !== first[i], svg.querySelectorAll('.change').length,
        svg.querySelectorAll('.best').length].join(' '));
    });
  }
  // Where the axes end.
  looks.scales = [[0.1, 0, 99], [0.12, 0.19, 100], [0.3, 0.2, 101], [0.7, 0.21, 149], [1.4, 0.41, 450], [1.6, 0.6, 999],
    [3.75, 0.61, 1000], [3.8, 0.8, 4902], [9, 0.81, 4903], [16, 0.99, 98765], [36, 1, 2], [51, 0.5, 3], [1234, 0.4, 0],
    [2, 0.3, 8, 0], [2, 0.3, 8, 1, 220, [0, 40, 71]], [2, 0.3, 8, 1, 221, [73]], [2, 0.3, 8, 1, 320, [0, 23, 47, 72]],
    [2, 0.3, 8, 1, 320, [49, 73]]].map(([high, least, reached, low = high / 3, width = 320, marks = []]) => {
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    root.innerHTML = `<style>.plot { width: ${width}px; height: 120px; display: block }</style>`;
    const drawn = new Curves(root, { seek: () => {}, step: () => {} });
    const values = { train_loss: [high, low], test_loss: [low, low], train_accuracy: [1, least], test_accuracy: [1, 1] };
    const all = Object.fromEntries(Object.entries(values).map(([key, mean]) => [key, { mean }]));
    drawn.draw({ rows: { epoch: [0, reached], ...all }, reached, changes: [], result: null, start: {}, rowAt: () =>
      Object.fromEntries(Object.entries(values).map(([key, [value]]) => [key, value])) }, { epoch: 0 }, marks.map((epoch) => ({
      epoch, text: `at ${epoch}` })));
    return drawn.plots.map(({ svg }) => [...svg.querySelectorAll('text')].map((text) =>
      `${text.textContent}${text.matches('.named') ? ` ${text.getAttribute('text-anchor')}` : ''}`).join(' '));
  });

  // Presses that wait, and questions one at a time.
  const real = window.setTimeout;
  const timers = [];
  window.setTimeout = (call, wait) => timers.push([call, wait]);
  const acts = [];
  const presses = new EarlyPresses({ play: () => acts.push('play'), step: () => acts.push('step') });
  acts.push(presses.keep('play'), presses.keep('step'));
  presses.done('other');
  presses.done('opening');
  acts.push(presses.keep('play'));
  presses.wait('step');
  acts.push(presses.keep('step'), timers.map(([, wait]) => wait));
  timers[0][0]();
  presses.wait(3);
  acts.push(presses.keep('play'));
  presses.forget();
  presses.done(3);
  looks.presses = acts;
  const told = [];
  timers.length = 0;
  const server = new Server((name, about) => told.push([name, about]), true);
  const ask = (kind, about) => server.ask(kind, about).then((answer) => told.push(['answer', answer]));
  ask('look', { a: 1 });
  ask('code', { b: 1 });
  ask('look', { a: 2 });
  ask('look', { a: 3 });
  told.push(['waits', server.questions.map(({ n }) => n), timers.map(([, wait]) => wait)]);
  const answers = ['', '{"n":null,"built":true}', '{"n":null}', '{"n":1}', '{"n":1}', '{"n":9}',
    '{"n":2,"code":"x"}', '{"n":4}'];
  for (const text of answers) {
    told.push(['received', text, server.receive(text)]);
    await Promise.resolve();
    await Promise.resolve();
  }
  server.press('play');
  const late = new Server((name, about) => told.push([name, about]), true);
  late.ask('look', {});
  timers.at(-1)[0]();
  timers.at(-1)[0]();
  new Server((name, about) => told.push([name, about]), false).ask('code', { c: 1 });
  window.setTimeout = real;
  looks.questions = told;

  const one = { dataset: { name: 'moons', features: ['x1', 'x2'], seed: 1 }, network: { widths: [3],
    dropout: 0 }, training: { learning_rate: 0.1, epochs: 5, early_stopping: null, batch_size: null } };
  const two = config.withValues(one, { 'dataset.seed': 2, 'training.learning_rate': 0.3,
    'network.widths': [3, 2], 'training.epochs': 9, 'training.early_stopping': { patience: 3 },
    'network.dropout': 0.2, 'training.batch_size': 16 });
  looks.config = { two, value: [config.valueAt(one, 'dataset.features'), config.valueAt(one, 'a.b.c')],
    differing: [config.differing(one, two), config.differing(one, one)],
    live: [config.liveChanges(one, two), config.liveChanges(two, two)],
    named: [{ epoch: 3, learning_rate: 0.01, dropout: 0.255 }, { epoch: 4, batch_size: null, l1: 0.0001,
      l2: 2 }, { epoch: 5, weight_decay: 1234.5, momentum: undefined, other: 'x' }, { epoch: 6 }]
      .map(config.nameChange) };
  looks.addresses = { own: ['?a=1&__theme=dark&b', '', '__x=1', '?&c=2'].map(ownQuery),
    names: ['?dataset.name=x', '?hide=data', '?hidden=1', '?training.l1=2&x=1', '?mydataset.name=1',
      '?tab=heart'].map(namesSettings),
    share: [placeToShare(''), placeToShare('me/space')].map((text) => text.replace(location.host, '')),
    settings: settings.labels };
  return looks;
}
