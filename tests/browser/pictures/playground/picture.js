// The big picture: which view it shows, what is drawn anew, and what is said of it.
async () => {
  const { Picture } = await load('playground/pictures/picture');
  const { Views } = await load('playground/views');
  const { finerPlaces } = await load('playground/pictures/grid');
  const { paintRegions } = await load('playground/pictures/regions');
  const looks = {};
  const names = ['classes', 'confidence', 'disagreement', 'space'];
  const html = `<div data-part="picture"></div><div data-part="note" hidden></div>${names.map((view) =>
    `<button data-view="${view}"></button>`).join('')}${['best', 'training', 'test'].map((one) =>
    `<button data-show="${one}" aria-pressed="${one !== 'best'}"></button>`).join('')}`;
  const weights = (sizes) => ({ sizes, activation: 'tanh', outputs: 'logits', features: ['x1', 'x2'] });
  const films = { plain: madeFilm({ widths: [3], weights: weights([2, 3, 3]), bayes: [1] }),
    three: madeFilm({ members: 3, widths: [3, 4], weights: weights([2, 3, 4, 3]) }),
    five: madeFilm({ members: 5, widths: [3, 4], weights: weights([2, 3, 4, 3]) }),
    flat: madeFilm({ members: 2, weights: weights([2, 3]) }), server: madeFilm({ widths: [3, 3], layers: [3, 3] }) };
  const root = room(300, 300, html);
  let changes = 0;
  const views = new Views(root, () => { changes += 1; });
  const shown = [];
  const button = (name) => root.querySelector(`[data-view=${name}], [data-show=${name}]`);
  const is = (name, value) => button(name).getAttribute(`aria-${value}`) === 'true';
  const state = () => [`${changes} changes; pressed ${[...names, 'best', 'training', 'test'].filter((name) =>
    is(name, 'pressed'))}; off ${names.filter((name) => is(name, 'disabled'))} ${button('best').disabled}; tips ${
    names.map((name) => button(name).dataset.tip)}; ${root.querySelector('[data-part=picture]').dataset.view}`,
  ...shown.splice(0).map((show) => JSON.stringify(show)), ...lines(root.querySelector('[data-part=note]'))];
  const draw = (name, about = {}) => {
    views.draw({ draw: (reading, show, tone) => {
      shown.push({ ...show, colours: tone });
      return about.share ?? null;
    } }, { reading: { film: films[name], broken: about.broken ?? false }, colours: 'colours', place: about.place ?? null,
      own: about.own ?? null });
  };
  looks.views = [];
  const step = (what, name, about = {}, ...presses) => {
    for (const one of presses) press(button(one));
    draw(name, about);
    looks.views.push([what, ...state()]);
  };
  step('at first', 'plain', { place: 'place', own: 'own' });
  step('without points', 'plain', {}, 'training', 'test', 'best');
  step('confidence', 'plain', {}, 'confidence');
  step('disagreement of one', 'plain', {}, 'disagreement');
  step('disagreement of three', 'three', {}, 'disagreement');
  const note = root.querySelector('[data-part=note]');
  const before = note.firstChild;
  draw('three');
  looks.same = before === note.firstChild;
  step('disagreement of five', 'five');
  step('space', 'three', { share: 0.876 }, 'space');
  press(note.querySelectorAll('.segments button')[1]);
  step('deeper', 'three', { share: 0.874 });
  step('another share', 'three', { share: 0.5 });
  step('one layer', 'plain', { share: 0.5 });
  step('broken', 'three', { broken: true, share: 0.5 });
  step('of none', 'flat', { share: 1 });
  step('of the server', 'server', {}, 'space');
  step('broken, in classes', 'plain', { broken: true });
  step('whole again', 'plain');

  // What lies over the regions is drawn when it has changed.
  const film = films.plain;
  const lots = lot(8);
  film.points = [0, 1, 2, 1].map((label, k) => ({ x: k - 1, y: k * k - 1, label, part: k % 2 }));
  Object.assign(film.start, { bayes_side: 4, bayes: true });
  film.bayes = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 5 : 40));
  film.moments = [0, 1].map((epoch) => ({ epoch, key: epoch, members: [Float32Array.from({ length:
    film.network.count }, () => 3 * (lots() - 0.5))] }));
  const box = room(200, 200);
  const picture = new Picture(box);
  const over = recorder();
  const ways = [];
  const dotted = new Proxy(over.context, { get: (context, name) => (...given) => {
    if (given[0]?.way) ways.push(given[0].way.slice(0, 3).join(', '));
    context[name](...given);
  } });
  picture.above.getContext = () => dotted;
  const Real = window.Path2D;
  window.Path2D = Trace;
  const under = recorder(picture.below.getContext('2d', { willReadFrequently: true }));
  picture.below.getContext = () => under.context;
  const usual = { view: 'classes', layer: 1, training: true, test: true, best: false };
  const dark = { ...colours, dark: true };
  const own = [[0, 1, 2]];
  const readings = film.moments.map((moment) => new Reading(film, moment));
  looks.over = Object.entries({ first: [{}], again: [{}], 'another moment': [{}, { at: 1 }], best: [{ best: true }],
    'no test': [{ test: false }], 'no training': [{ training: false }], a: [{ probe: { x: 0, y: 1 } }],
    'the same place': [{ probe: { x: 0, y: 1 } }], beside: [{ probe: { x: 0.5, y: 1 } }],
    above: [{ probe: { x: 0.5, y: 2 } }], confidence: [{ view: 'confidence', probe: { x: 0.5, y: 2 } }],
    dark: [{}, { tone: dark }], own: [{ own }], 'own again': [{ own }], 'of none': [{ own: [] }], 'not own': [{}],
    space: [{ view: 'space' }], 'back again': [{}], small: [{ small: true }],
    'more points': [{}, { points: film.points.slice(1) }], 'no best': [{ best: true }, { bayes: null }] })
    .map(([what, [show, about = {}]]) => {
      film.points = about.points ?? film.points;
      if ('bayes' in about) film.bayes = about.bayes;
      const share = picture.draw(readings[about.at ?? 0], { ...usual, ...show }, about.tone ?? colours);
      const ops = over.ops.splice(0);
      under.ops.splice(0);
      return `${what}: ${ops.length} over, ${ops.filter((op) => op.startsWith('arc')).length} round, ${
        box.className}, ${share === null ? 'none' : share.toFixed(4)}`;
    });
  window.Path2D = Real;
  looks.ways = ways;
  looks.sizes = [picture.below.width, picture.above.height, window.devicePixelRatio];
  looks.resized = [];
  for (const [width, ratio] of [[200, 1], [220, 1], [110, 2], [110, 2]]) {
    box.style.width = `${width}px`;
    Object.defineProperty(window, 'devicePixelRatio', { configurable: true, value: ratio });
    await until(() => false, 2);
    picture.draw(readings[0], usual, colours);
    looks.resized.push([picture.above.width, over.ops.splice(0).length]);
  }
  box.style.width = '200px';
  await until(() => false, 2);
  looks['finer pixels'] = [1.5, 3].map((ratio) => {
    Object.defineProperty(window, 'devicePixelRatio', { configurable: true, value: ratio });
    picture.draw(readings[0], { ...usual, probe: { x: 0, y: 1 } }, colours);
    return [`${picture.below.width} ${picture.above.height}`, ...over.ops.splice(0).filter((op) =>
      /clearRect|arc|font|Width/.test(op)).slice(0, 12),
    under.context.getImageData(0, 0, picture.below.width, picture.below.width).data.reduce((a, b) => a + b, 0)];
  });
  under.ops.length = 0;
  Object.defineProperty(window, 'devicePixelRatio', { configurable: true, value: 1 });
  const broken = { film, broken: true, moment: film.moments[0] };
  looks.broken = [picture.draw(broken, { ...usual, view: 'space' }, colours), under.ops.splice(0), over.ops.length];
  box.style.width = '0px';
  const none = new Picture(room(0, 0));
  looks.none = none.draw(readings[0], usual, colours);

  // As the server draws it: where the members disagree.
  const server = madeFilm({ members: 4, widths: [3], layers: [3], side: 4, extent: [0, 4, 0, 4] });
  const region = Uint8Array.from({ length: 16 }, (_, i) => [3, 40, 70, 90][i % 4]);
  const disagreement = Uint8Array.from({ length: 16 }, (_, i) => (i * i) % 4);
  looks.server = [disagreement, undefined].map((counts) => ['classes', 'confidence', 'disagreement'].map((view) => {
    const place = room(64, 64);
    const drawn = new Picture(place);
    const moment = { epoch: 1, key: 1, region, disagreement: counts };
    drawn.draw(new Reading(server, moment), { ...usual, view }, colours);
    const { data } = drawn.below.getContext('2d').getImageData(0, 0, 64, 64);
    return tiles(new Uint32Array(data.buffer), 64).slice(0, 3).map((all) => all.filter((_, i) => i % 7 === 3));
  }));

  // Edges that run in all directions, and classes that are level.
  const planes = (...rules) => rules.map((rule) => Float64Array.from({ length: 36 }, (_, i) =>
    rule((i % 6) / 5 - 0.5, Math.floor(i / 6) / 5 - 0.5)));
  looks.edges = Object.fromEntries(Object.entries({ right: [(x, y) => x + 0.3 * y], left: [(x, y) => 0.3 * y - x],
    down: [(x, y) => y - 0.2 * x + 2], up: [(x, y) => -y - 0.2 * x - 3], level: [(x) => x, (x) => x, (x) => -x],
    even: [() => 1, () => 1] }).map(([name, [rule, ...others]]) => {
    const base = { down: 2, up: -3 }[name] ?? 0;
    return [name, [true, false].map((fill) => {
      const pixels = new Uint32Array(40 * 40).fill(0xff808080);
      paintRegions(pixels, 40, { scores: planes(rule, ...(others.length ? others : [() => base])), cells: 5,
        extent: [0, 1, 0, 1], ask: null, parts: 2 }, colours, { fill, alpha: 0.8, line: 3 });
      return counted([...pixels].map((pixel) => pixel & 255));
    })];
  }));
  // A line along the rim of a cell reaches into the cell beside it.
  looks.rims = Object.fromEntries(Object.entries({ left: (x) => x + 0.09, right: (x) => x - 0.09, up: (x, y) => y + 0.09,
    down: (x, y) => y - 0.09 }).map(([name, rule]) => {
    const pixels = new Uint32Array(40 * 40).fill(0xff808080);
    paintRegions(pixels, 40, { scores: planes(rule, () => 0), cells: 5, extent: [0, 1, 0, 1], ask: null, parts: 2 }, colours,
      { fill: true, alpha: 0.8, line: 4 });
    const across = Array.from({ length: 40 }, (_, k) => pixels[['left', 'right'].includes(name) ? 720 + k : 40 * k + 18] & 255);
    return [name, across.slice(8, 32).join(' ')];
  }));
  looks.finer = finerPlaces([-1, 3, 2, 7], 3, [2, 3, 7], 2);
  return looks;
}
