// Charts of made-up numbers: axes, marks and legends at their ends, worlds as dots, sweeps.
async () => {
  const { drawChart } = await load('charts/chart');
  const scales = await load('charts/scale');
  const { offerToSave } = await load('charts/figure');
  const marks = await load('capstone/worlds/drawing/marks');
  const { Strip } = await load('capstone/worlds/drawing/strips');
  const { Curves } = await load('capstone/worlds/drawing/curves');
  const { Budget } = await load('capstone/worlds/drawing/budget');
  const { Picture } = await load('capstone/worlds/drawing/picture');
  const { Temperature } = await load('capstone/worlds/temperature');
  const { panel } = await load('capstone/worlds/drawing/reliability');
  const { sentence } = await load('capstone/worlds/sentence');
  const worlds = await load('capstone/worlds/words');
  const { drawDots } = await load('capstone/sweep/chart');
  const { drawHeat } = await load('capstone/sweep/heat');
  const { aside } = await load('capstone/sweep/swarm');
  const { tellLegend } = await load('capstone/sweep/legend');
  const { CurveChart, sharedScale } = await load('film/curves');
  const planes = await load('film/planes');
  const looks = {};
  const room = (width, height = 300) => {
    document.body.innerHTML = `<div style="width:${width}px;height:${height}px"></div>`;
    return document.body.firstElementChild;
  };
  const wide = (width) => {
    const host = room(width);
    host.innerHTML = '<style>svg { width: 100%; display: block }</style>';
    return host;
  };

  looks.scales = { ticks: [[0, 0, 4], [1, 1.0000001, 3], [-5, -1, 0], [0, 999, 5], [3, 3, 1],
    [0.001, 0.0099, 6],
    [0.3, 0.9, 3], [0, 0.3, 3], [0.1 + 0.2, 0.6, 3]].map(([low, high, count]) => scales.ticks(low, high, count)),
  places: [[[0, 10], false], [[0.1, 100], true], [[4, 4], false]].map(([range, log]) =>
    [-1, 0.01, 0.1, 1, 4, 10, 250].map(scales.scale({ range, log }, 200, 20))),
  log: [[0.01, 1000], [2, 30], [0.5, 5], [10, 10], [0.5, 20]].map((range) =>
    scales.axisTicks({ range, log: true }, 3)),
  short: [0, 99999, 1e5, -123456, 0.001, 0.00099, 12.3456, -0.5].map(scales.short),
  percent: [0, 0.1234, 1].map(scales.percent), whole: [0.5, 0.0099, 0.9901, 0.99, 0, 0.01, 1].map(
    scales.wholePercent) };
  looks.charts = {};
  const axis = { range: [0, 1], name: 'share' };
  for (const [name, [width, options]] of Object.entries({
    plain: [400, { label: 'plain', x: { range: [0, 10], name: 'epoch', whole: true },
      y: { range: [0, 1], percent: true, name: 'accuracy' }, lines: [{ x: [0, 5, 10], y: [0.1, null,
        0.9], kind: 'train' }], bands: [{ x: [0, 5, 10], low: [0, 0.2, 0.3], high: [1, 1, null],
        kind: 'test' }], markers: ['a', 'b'] }],
    strip: [290, { label: 'strip', strip: true, x: { range: [0, 2000], whole: true, name: 'epoch' },
      y: { range: [0.01, 40], log: true }, dots: [{ x: 500, y: 2, low: 0.1, high: 20 }],
      labels: [{ x: 10, y: 1, kind: 'k', text: 'here' }, { x: 20, y: 1, kind: 'l', text: 'there',
        anchor: 'end' }] }],
    narrow: [100, { label: 'narrow', x: axis, y: axis }],
    'of 300': [300, { label: 'of 300', x: { range: [0, 10] }, y: axis }],
    large: [900, { label: 'large', height: 150, x: { ...axis, ticks: ['a', 'b'] },
      y: { ...axis, at: [0.2, 0.7], write: (v) => `${v} !` }, bands: [{ x: [0, 0.5, 1], low: [null, 0.2,
        0.1], high: [0.5, 0.6, 0.7], kind: 'b' }] }],
    quiet: [350, { label: 'quiet', x: { range: [0, 4], at: [1, 3] }, y: axis, frame: { least: 100,
      left: 20, right: 5, top: 16, bottom: 20, height: (w) => w / 2, quiet: true, ticks: 12 } }] })) {
    const host = room(width);
    const chart = drawChart(host, options);
    chart.cut(0.5);
    if (options.markers) {
      chart.mark(0, 5, 0.5);
      chart.mark(1, null, 0.5);
      chart.mark(1, 2, 0);
      chart.mark(0, 3, undefined);
    }
    const { id } = host.querySelector('clipPath');
    looks.charts[name] = lines(host).map((text) => text.replaceAll(id, 'clip'));
  }
  looks.film = {};
  const rows = (mean, epochs, band) => ({ epoch: epochs, ...Object.fromEntries(['train_loss',
    'test_loss', 'train_accuracy', 'test_accuracy'].map((key) => [key, { mean, ...(band && {
    low: mean.map((v) => v && v / 2), high: mean }) }])) });
  const stages = { one: [{ rows: rows([2, 0.01], [0, 4]), planned: 9, ended: false }],
    ended: [{ rows: rows([0.5, 0.31], [0, 4], true), planned: 9, ended: true }],
    none: [{ rows: rows([null], [0]), planned: 0, ended: true }],
    'sixty times': [{ rows: rows([6, 0.1], [0, 1]), planned: 1, ended: true }],
    'down to 0': [{ rows: rows([0.9, 0], [0, 3]), planned: 5, ended: true }, { rows: rows([0.7, 0.2], [0, 7]),
      planned: 6, ended: true }], 'all 0': [{ rows: rows([0, 0], [0, 2]), planned: 8, ended: false }] };
  for (const [name, of] of Object.entries(stages)) {
    const chart = new CurveChart('Loss', name === 'ended' ? 'accuracy' : 'loss');
    room(320).append(chart.root);
    chart.move(0);
    const shared = ['loss', 'accuracy'].map((quantity) => sharedScale(of, quantity));
    chart.draw(of[0].rows, shared[0], name === 'ended' ? 0.9 : null);
    chart.move(3);
    const clip = chart.svg.querySelector('clipPath').id;
    looks.film[name] = [shared, lines(chart.root).map((text) => text.replaceAll(clip, 'clip'))];
    chart.move(99);
    looks.film[name].push(chart.readout.textContent, chart.svg.getAttribute('aria-label'));
  }
  const shaded = new Uint32Array(6).fill(7);
  planes.shadeDisagreement(shaded, [0, 1, 2, 3, 4, 9], 8, 'rgb(10, 20, 30)');
  looks.shaded = [...shaded].map((pixel) => [0, 8, 16, 24].map((k) => (pixel >>> k) & 255).join(' '));

  // Worlds.
  looks.words = { points: [-0.1234, 0, 0.0004, -0.0004, 0.05].map(worlds.points),
    loss: [NaN, 0, 0.0000123, 0.0009, 0.001, 0.0999, 0.1, 12.345].map(worlds.loss) };
  looks.pile = [marks.pile([0, 1, 2, 30, 31, 31.5, 90], 2.9, 42), marks.pile([], 2, 9),
    marks.pile(new Array(30).fill(5), 2.1, 42)];
  looks.middle = [[3], [1, 2], [5, 1, 9], [4, 3, 2, 1]].map(marks.middle);
  const dots = (count, at = 0.6) => Array.from({ length: count }, (_, i) => at + (i % 13) / 40);
  looks.strips = {};
  for (const [name, about] of Object.entries({ four: { count: 4, world: 2 },
    five: { count: 5, world: 0 }, many: { count: 81, world: 80, hint: 'a hint' },
    'is trained': { count: 6, world: null, high: 0.9 }, none: { count: 1, world: 0 } })) {
    const host = wide(420);
    const chosen = [];
    const strip = new Strip(host, 'Too big', (k) => chosen.push(k));
    strip.draw({ fresh: dots(about.count), test: dots(about.count, 0.55), world: about.world,
      best: 0.91, range: [0.62, about.high ?? 1], ticks: [0.7, 0.8, 0.9, 1], hint: about.hint ?? '' });
    const { left, top } = strip.drawing.getBoundingClientRect();
    for (const [x, y] of [[60, 46], [200, 100], [400, 10]]) {
      strip.drawing.dispatchEvent(new MouseEvent('click', { clientX: left + x, clientY: top + y }));
    }
    const taken = ['Home', 'End', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'x'].filter((key) =>
      !strip.drawing.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true })));
    looks.strips[name] = [lines(strip.drawing), chosen, taken.join(' ')];
    strip.clear();
    looks.strips[name].push(strip.drawing.children.length);
  }
  looks['curves of worlds'] = [[[0, 1, 10, 100], 3, 0.9], [[0, 5], 1, null], [[0, 3, 30, 300, 3000],
    2, 0.95], [[0, 4, 12, 60, 125], 4, 0.7]].map(([epochs, frame, best]) => {
    const host = wide(300);
    const chosen = [];
    const drawn = new Curves(host, 'it', (k) => chosen.push(k));
    const loss = epochs.map((_, i) => 10 ** (0.8 - 2 * i));
    const share = epochs.map((_, i) => 0.35 + i / 8);
    const upTo = (values) => values.slice(0, epochs.length - (best === 0.95 ? 2 : 0));
    drawn.draw(epochs, { loss: { train: upTo(loss), test: upTo(loss).map((v) => 2 * v), fresh: loss },
      accuracy: { train: upTo(share), test: upTo(share), fresh: share } }, best, frame);
    drawn.slider.setPointerCapture = (id) => chosen.push(`held ${id}`);
    if (best === 0.95) drawn.slider.style.display = 'flex';
    const { left } = drawn.slider.getBoundingClientRect();
    for (const [kind, x, buttons] of [['pointerdown', 40, 1], ['pointermove', 90, 0],
      ['pointermove', 150, 1], ['pointermove', 900, 1]]) {
      drawn.slider.dispatchEvent(new PointerEvent(kind, { clientX: left + x, buttons, pointerId: 1 }));
    }
    const taken = ['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End',
      'q'].filter((key) => !drawn.slider.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true })));
    return [lines(host), chosen, taken.join(' ')];
  });
  const part = (best, bias, variance) => ({ best, bias, variance, total: best + bias + variance });
  looks.budgets = [[900, 0.3], [500, 0.5], [760, 0.2]].map(([width, most]) => {
    const host = wide(width);
    const drawing = marks.svg('svg', {});
    host.append(drawing);
    const chosen = [];
    const budget = new Budget(drawing, (k) => chosen.push(k));
    budget.draw({ budget: width === 760 ? null : { underfit: part(0.08, 0.06, 0.01),
      overfit: part(0.08, -0.004, 0.05), good: part(0.08, 0, 0.02) }, world: 1, size: 60, most,
    errors: [[0.1, 0.14, 0.2], [0.05, 0.12], [0.3, width === 500 ? 0.46 : 0.29, 0.1, 0.1, 0.1, 0.11]],
    test: [{ error: 0.145, luck: 0.005 }, { error: 0.2, luck: -0.08 }, { error: width === 500 ? 0.49 : 0.1, luck: 0 }],
    spans: width === 760 ? null : [{ low: 0.8, high: 0.9 }, { low: 0.7, high: 0.95 },
      { low: 0.75, high: 0.99 }] });
    drawing.querySelector('[data-world]').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    drawing.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    return [lines(drawing), drawing.getAttribute('aria-label'), chosen];
  });
  const ring = [[[0, 0], [4095, 0], [2000, 4095]]];
  looks['pictures of worlds'] = [{}, { best: ring, note: 'said' }, { others: [ring, ring], vote: ring,
    regret: { shape: [2, 3], values: [0, 9, 255, 1, 100, 40] } }].map((about) => {
    const host = room(300);
    const picture = new Picture(host, [-2.1, 3.2, -1.5, about.best ? 4 : 2], 'it');
    picture.setPoints([{ x: 0, y: 0, label: 0, test: false }, { x: 4095, y: 10, label: 1, test: true },
      { x: 2000, y: 4095, label: 1, test: false }]);
    picture.draw({ region: ring, best: null, others: null, vote: null, regret: null, note: '', ...about });
    picture.showPoints(!about.best);
    const drawn = lines(host);
    picture.setPoints(null);
    return [drawn, picture.points.children.length];
  });
  const table = (shape, rule) => ({ shape, values: Array.from({ length:
    shape.reduce((a, b) => a * b, 1) }, (_, i) => rule(i)) });
  const detail = { margins: [[3, -2, 0.1, 40], [5, 5, 1], [-1, -2, -3, 2]].map((of) =>
    of.map((margin) => ({ margin, right: margin > 0 }))),
  fresh_accuracy: [[0.5, 0.8], [0.9], [0.7]], loss_heading: 'What being sure costs',
  temperature: { values: [0.25, 0.5, 1, 2, 12], best: [1, 2, 2], loss: table([3, 5], (i) => i / 7),
    reliability: table([3, 5, 4, 3], (i) => (i % 3 === 2 ? [5000, 14, 15, 16][i % 4] : 900 * (i % 11))),
    price: table([3, 5, 4], (i) => [0.3, 0.4, 6.25, [1, 0, 3][Math.floor(i / 20)]][i % 4]) } };
  const parts = Object.fromEntries(['temperature', 'temperature-value', 'panels', 'best-temperatures',
    'reliability-title'].map((name) => [name, document.createElement(name === 'temperature' ? 'input'
    : 'div')]));
  parts.temperature.type = 'range';
  document.body.replaceChildren(...Object.values(parts));
  const slider = new Temperature((name) => parts[name]);
  slider.begin();
  slider.draw(detail);
  looks.temperature = [lines(document.body)];
  parts.temperature.value = 4;
  parts.temperature.dispatchEvent(new Event('input'));
  slider.draw({ ...detail, temperature: { ...detail.temperature, best: [0.25, 1, 12] } });
  looks.temperature.push(parts['temperature-value'].textContent, lines(parts['best-temperatures']));
  const eleven = Array.from({ length: 11 }, (_, i) => 2 ** (i - 5));
  looks['marks of temperatures'] = [[3, 4, 5], [5, 3, 7], [9, 8, 0]].map((of) => {
    slider.tick(of.map((i) => eleven[i]), eleven);
    return lines(parts['best-temperatures']);
  });
  looks.panel = panel(detail, 0, 0, 0.876, { said: () => 'said', priced: 'priced' });
  const many = (margin, count) => Array.from({ length: count }, () => ({ margin, right: margin > 0 }));
  looks['panels of many'] = [[many(-3, 25), many(-0.2, 11), many(4, 3), many(7.5, 40), many(0.01, 9)],
    [many(-2, 11), many(-31, 1), many(-29, 2), many(-70, 4), many(9, 2)], [many(-1, 12), many(-36, 2)]].map((of) => {
    const margins = [[], of.flat(), []];
    const wrong = of.flat().filter(({ right }) => !right).length;
    const price = table([3, 2, 4], (k) => [0.021, 0.666, 1.25, wrong][k % 4] + (k < 12 || k > 15));
    return lines(panel({ ...detail, margins, temperature: { ...detail.temperature, values: [2, 1], price } }, 1,
      1, 0.5, { said: () => 'said', priced: 'priced' }));
  });
  const pile = (drawn) => ({ drawn, last: 2, epochs: [0, 1000, 2000], rows: Array.from({ length: 12 },
    () => ({ counts: [0, 1, 2].map((f) => Array.from({ length: 9 }, (_, i) => 10 * f + i)) })) });
  const view = (test, fresh) => ({ accuracy: { test: test.map((v) => [v, v]), fresh: fresh.map((v) =>
    [v, v]) } });
  looks.sentences = [[1, 2, [0.8, 0.7], [0.9, 0.9]], [1, 1, [0.7, 0.8], [0.6, 0.8]], [9, 1, [], []],
    [10, 2, [], []]].map(([drawn, frame, test, fresh]) => {
    const place = document.createElement('p');
    place.append(...sentence(pile(drawn), view(test, fresh), frame));
    return place.innerHTML;
  });

  // Sweeps.
  looks.aside = [aside([10, 10, 10, 10, 10, 10, 10], 6, 14), aside([1, null, 2, 8, 30], 5, 20),
    aside([], 4, 9), aside([5, 5, 5], 4, 1)];
  const column = (index, about = {}) => ({ index, label: `value ${index}`, best: 0.9, best_test: 0.88,
    accuracy: { fresh: [0.8, 0.5, 0.81], test: [0.7, 0.9, 0.3], median: { fresh: 0.8, test: 0.7 } },
    loss: { fresh: [0.4, null, 0.02], test: [0.5, 3, null], median: { fresh: 0.4, test: null } },
    never: 0, diverged: 0, own_best: [null, 0.9, 0.9], ...about });
  const chart = { inside: 'width', values: ['4', '16', 'a long one', '64'], drawn: 12, members: 3,
    lines: true, axes: { accuracy: { range: [0.6, 1], ticks: [0.6, 0.8, 1], cut: 0.6 },
      loss: { range: [0.05, 2], ticks: [0.1, 1], cut: 0.05 } },
    columns: [column(0), column(1, { never: 2, diverged: 1 }), { index: 2, label: 'x', error: 'no' },
      column(3, { best: null, best_test: undefined })] };
  looks.sweeps = {};
  for (const [name, [width, measure, about]] of Object.entries({ accuracy: [700, 'accuracy', {}],
    loss: [400, 'loss', {}], few: [900, 'accuracy', { lines: false, drawn: 80, axes: { accuracy: {
      range: [0.2, 1], ticks: [0.5], cut: null } } }],
    'loss, nothing cut off': [400, 'loss', { lines: false, columns: [column(0)], axes: { loss: {
      range: [0.02, 3], ticks: [0.1, 1], cut: null } } }],
    'all of them learned': [300, 'accuracy', { lines: false, columns: [column(0)] }],
    'at the limits': [520, 'accuracy', { drawn: 60, members: 9, columns: [column(0, { never: 9 })] }],
    narrow: [280, 'accuracy', { values: ['a value with words', '4', '16', '64'], members: 2000,
      columns: [column(0, { best: null, never: 1234, accuracy: { fresh: [0.7, 0.1, 0.2, 0.3, 0.4, 0.5],
        test: [0.5, 0.59, 0.6, 0.61], median: { fresh: 0.45, test: null } } }), { index: 1, error: 'no' }] }] })) {
    const host = room(width);
    const drawn = drawDots(host, { ...chart, ...about }, measure);
    drawn.ring('picked', { index: 1, member: 2 });
    drawn.ring('near', { index: 0, member: 0 });
    drawn.ring('near', null);
    const { x: left, y: level } = drawn.dots.toSorted((a, b) => a.x - b.x)[0];
    looks.sweeps[name] = [lines(host), drawn.dots.map(({ index, member, set, value, x, y }) =>
      [index, member, set, value, x, y]), [[60, 60], [200, 100], [-99, 0], ...[15.99, 16, 16.01].map((far) =>
      [left - far, level])].map(([x, y]) =>
      drawn.nearest(x, y)?.member ?? 'none')];
    drawn.ring('picked', null);
    looks.sweeps[name].push(lines(host).filter((line) => /now|ring/.test(line)));
    const legend = document.createElement('div');
    tellLegend(legend, { kind: 'one', ...chart, ...about }, measure);
    looks.sweeps[`${name}, legend`] = legend;
  }
  const heat = { inside: 'width', and_inside: 'depth', values: ['1', '2'], and_values: ['a', 'bb', 'c'],
    rings: 'level with the best', moments: [{ cells: [{ shade: 0, median: 0.8 }, null, { shade: 0.58, median: 0.8244, tie: true },
      { shade: 0.59, median: 0.9 }, { median: null, error: 'no' }, { shade: 1, median: 1, tie: true }] }] };
  const host = room(500);
  const drawn = drawHeat(host, heat, 0);
  drawn.ring('picked', { index: 3 });
  drawn.ring('near', null);
  looks.heat = [lines(host), [[100, 50], [100, 100], [400, 100], [100, 120], [400, 50], [0, 0]].map(([x, y]) =>
    drawn.nearest(x, y)?.index ?? 'none')];

  const high = room(300);
  drawHeat(high, { ...heat, and_values: ['a long value', ...'bcdefgh'], values: ['1'], moments: [{ cells: heat.moments[0].cells
    .concat(null, null) }] }, 0);
  looks['a high heat map'] = lines(high).slice(0, 24);

  // A section's charts as one figure.
  document.body.innerHTML = `<section style="color: rgb(1, 2, 3); width: 700px; font-family: serif;
    --body-background-fill: #fed"><figure style="display:inline-block;width:300px;margin:0">
    <figcaption>One chart of it<br>that says what it shows in more words than there is room for</figcaption>
    <svg viewBox="0 0 280 90" width="280" height="90"><path d="M0 0L9 9" stroke="red"/></svg>
    <div class="legend"><span style="display:inline-block;width:80px"><i class="key" data-mark="dot"
      style="border-top:2px solid rgb(9, 9, 9)"></i>dot</span><span style="display:inline-block;width:70px">
      <i class="key" data-mark="ring"></i>ring</span><span><i class="key" data-mark="triangle"></i>low</span>
      <span><i class="key" style="border-top:2px dashed red"></i>line</span>
      <span><i class="key" style="border-top:2px dotted blue"></i>dots</span><span><i class="key"
      style="border-top:2px solid green"></i>plain</span></div></figure><figure
      style="display:inline-block;width:300px;margin:0;vertical-align:top"><figcaption>Two</figcaption>
    <svg viewBox="0 0 200 120" width="200" height="120"></svg></figure>
    <figure style="margin:0"><figcaption>Three</figcaption><svg viewBox="0 0 100 50"></svg></figure>
    <button data-save="svg"></button></section>`;
  const saved = [];
  const url = URL.createObjectURL;
  const press = HTMLAnchorElement.prototype.click;
  URL.createObjectURL = (blob) => {
    saved.push(blob.text());
    return 'data:,';
  };
  HTMLAnchorElement.prototype.click = function click() { saved.push(this.download); };
  offerToSave(document.querySelector('section'), 'name');
  document.querySelector('[data-save]').click();
  document.querySelector('section').style.removeProperty('--body-background-fill');
  document.querySelector('[data-save]').click();
  const [text, name, plainly] = await Promise.all(saved);
  URL.createObjectURL = url;
  HTMLAnchorElement.prototype.click = press;
  const figure = document.createElement('div');
  figure.innerHTML = text;
  looks.saved = [name, lines(figure), /<rect [^>]*>/.exec(plainly)[0]];

  const { categoryCard } = await load('heart/why/whatif');
  const option = { label: 'yes', probability: 0.4, low: 0.3, high: 0.6, risk: '40 %',
    interval: '30 % to 60 %' };
  looks.categories = [null, { sick: 3, of: 7 }].map((seen) => lines(categoryCard(
    { label: 'Angina', options: [{ ...option, seen }, { ...option, own: true }], notes: [] })));

  const { fetchLater } = await load('page/later');
  const timeout = window.setTimeout;
  window.setTimeout = (act, wait) => { looks.waited = wait; act(); };
  window.requestIdleCallback = (act) => act();
  fetchLater(['data:text/javascript,1', 'data:text/javascript,2']);
  window.setTimeout = timeout;
  looks.fetched = [...document.querySelectorAll('link[rel=modulepreload]')].slice(-2)
    .map((link) => link.getAttribute('href'));
  return looks;
}
