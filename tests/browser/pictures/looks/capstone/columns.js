// The column of a network of worlds that nobody drew, and a world that grows as its server tells.
async ({ summary, details, briefs, none, row, points, scores, regions }) => {
  const { Pile } = await load('capstone/worlds/pile');
  const { Column, viewOf } = await load('capstone/worlds/columns');
  const { Live } = await load('capstone/worlds/live');
  const looks = {};
  document.body.innerHTML = '<style>svg { width: 100%; display: block }</style><div style="width:400px"></div>';
  const pile = await Pile.decode(summary, () => {});
  for (const k of [0, 1, 2]) await pile.take(details[k]);
  await pile.take(briefs[3]);
  const wanted = [];
  const choose = { frame: (frame) => wanted.push(['frame', frame]), world: (k) => wanted.push(['world', k]) };
  const columns = ['underfit', 'overfit', 'good'].map((name) =>
    new Column(document.body.lastElementChild, name, choose));
  const off = { points: true, best: false, others: false, regret: false };
  columns.forEach((column, i) => column.begin(pile, i));
  const paths = ({ picture }) => [picture.note.textContent, picture.root.getAttribute('class'),
    picture.points.style.display, picture.others.children.length,
    ...[...picture.others.children].slice(0, 3).map((one) => one.getAttribute('d').slice(0, 60)),
    ...Object.entries(picture.marks).map(([name, mark]) => [name, mark.getAttribute('d').slice(0, 120)])];
  const numbers = ({ root }) => [...root.querySelectorAll('.values > div, .curve-head, .plots')].map((one) =>
    [one.textContent, one.getAttribute('aria-valuenow') ?? '']);
  looks.begun = columns.map(({ root }) => lines(root));
  columns.forEach((column, i) => column.draw(viewOf(pile, 1), i, 3, pile, off));
  looks.drawn = columns.map(({ root }) => lines(root));
  const shown = { points: false, best: true, others: true, regret: true };
  const again = (name, view, frame, show, about = {}) => {
    const of = Object.assign(Object.create(Object.getPrototypeOf(pile)), pile, about);
    columns.forEach((column, i) => column.draw(view, i, frame, of, { ...off, ...show }));
    looks[name] = columns.map((column) => [paths(column), numbers(column)]);
  };
  again('all is shown', viewOf(pile, 1), 3, shown);
  again('early, all is shown', viewOf(pile, 1), 2, shown);
  again('early, regret', viewOf(pile, 1), 0, { regret: true });
  again('early, others', viewOf(pile, 1), 1, { others: true });
  again('regret', viewOf(pile, 2), 3, { regret: true });
  again('passed by', viewOf(pile, 3), 3, { regret: true, best: true });
  again('others that were trained here', viewOf(pile, 2), 3, { others: true }, { others: [], votes: [] });
  const ring = (k) => [[[k, 0], [9, k], [40, 50 + k]]];
  again('more than are drawn', viewOf(pile, 0), 3, { others: true },
    { others: Array.from({ length: 75 }, (_, k) => ring(k)) });
  const grown = { ...viewOf(pile, 2), best: null, regret: null, growing: true };
  const upTo = (table, ends) => table.map((values, i) => values.slice(0, ends[i]));
  const ends = [2, 1, 0];
  const reached = () => ({ ...grown, regions: upTo(grown.regions, ends), ...Object.fromEntries(['accuracy',
    'loss'].map((kind) => [kind, Object.fromEntries(['train', 'test', 'fresh'].map((part) =>
    [part, upTo(grown[kind][part], ends)]))])) });
  again('it grows', reached(), 1, shown);
  again('it grows, at the last epoch', reached(), pile.last, shown);
  columns[1].strip.draw({ fresh: [0.7, 0.8], test: [0.6, 0.9], world: 0, best: 0.9, range: [0.5, 1],
    ticks: [0.6, 1], hint: '' });
  columns[1].strip.drawing.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
  columns[1].curves.slider.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
  const { slider, plots } = columns[1].curves;
  slider.setPointerCapture = (id) => wanted.push(['held', id]);
  for (const [kind, plot, across, buttons] of [['move', 'loss', 0.5, 0], ['down', 'loss', 0.7, 1], ['move', 'accuracy', 0.4, 1],
    ['move', 'accuracy', 3, 1], ['move', 'loss', -1, 2], ['move', 'loss', 0.5, 0]]) {
    const { left, width } = plots[plot].getBoundingClientRect();
    slider.dispatchEvent(new PointerEvent(`pointer${kind}`, { clientX: left + 36 + across * (width - 40), buttons,
      pointerId: 5 }));
  }
  const before = columns[1].strip.drawing.children.length;
  columns[1].begin(Object.assign(pile, { networks: summary.networks.toReversed() }), 1);
  looks['another rule'] = [wanted, before, columns[1].strip.drawing.children.length,
    lines(columns[1].root).slice(0, 12)];

  // A world that grows.
  let told = [];
  const now = performance.now;
  let time = 5000;
  performance.now = () => time;
  const root = document.createElement('div');
  root.innerHTML = ['status', 'draw-text', 'dice', 'progress', 'anew'].map((name) =>
    `<i data-part="${name}"></i>`).join('');
  document.body.replaceChildren(root);
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const noted = (name) => (...about) => told.push([name, ...about.map((one) => (one instanceof Pile
    ? `pile ${one.pile}` : one))]);
  const page = { root, part, rule: 'own', pile: undefined, piles: new Map(), settings: { values: () =>
    ({ a: 1 }), text: () => 'a' }, trigger: noted('trigger'), draw: noted('draw'), refuse: noted('refuse'),
  growTo: noted('grow'), go: noted('go'), prepare: (of, text) => {
    noted('prepare')(of, text);
    page.pile = of;
  }, buttons: () => live.buttons() };
  const live = new Live(page);
  looks.live = [];
  const look = (name) => {
    looks.live.push([name, live.phase, live.busy, live.justDone, live.following, live.scrubbed,
      root.dataset.phase ?? '', part('status').textContent, part('draw-text').textContent,
      part('dice').hasAttribute('hidden'), part('progress').hidden, part('progress').style.scale,
      part('anew').hidden, told]);
    told = [];
  };
  const hear = async (name, message) => {
    await live.hear(message);
    look(name);
  };
  live.buttons();
  look('none');
  live.leave();
  look('left, and none was begun');
  live.begin('draw');
  look('begun');
  live.toggle();
  live.leave();
  live.begin('anew');
  look('pressed and pressed before any answer');
  await hear('of another rule', { rule: 'lesson', phase: 'training', text: 'Not this one.' });
  const about = { rule: 'own', pile: 'one', text: 'Waiting…' };
  const grow = { points, scores, regions: regions.slice(0, 3) };
  await hear('it grows before anything is known of it', { rule: 'own', phase: 'training', share: 0.1, world: 0,
    grown: grow });
  await hear('waiting', { ...about, phase: 'waiting', summary: { ...none, pile: 'one' } });
  await hear('training', { ...about, phase: 'training', share: 0.237, text: 'Epoch 10' });
  live.toggle();
  look('it shall stop');
  live.toggle();
  live.toggle();
  look('it shall stop, pressed thrice');
  await hear('it trains a little more', { ...about, phase: 'training', share: 0.3, text: 'Epoch 20' });
  await hear('it waits a little more', { ...about, phase: 'waiting', share: 0.31, text: 'Waiting' });
  live.scrubbed = true;
  live.following = false;
  await hear('stopped', { ...about, phase: 'paused', share: 0.32, text: 'Stopped.' });
  live.toggle();
  look('it goes on');
  await hear('it grows', { ...about, phase: 'training', share: 0.5, world: 0, grown: grow });
  live.following = false;
  await hear('it grows unseen', { ...about, phase: 'training', share: 0.6, world: 0, grown: grow });
  live.following = true;
  await hear('a network has not begun', { ...about, phase: 'training', share: 0.7, world: 0,
    grown: { ...grow, regions: [regions[0], regions[1], { ...regions[2], data: regions[3].data }] } });
  await hear('scoring', { ...about, phase: 'scoring', share: 1, text: 'Scoring' });
  const { pile: own } = page;
  const rows = () => [own.rows.length, own.drawn, [...own.details.keys()], own.findings ?? null];
  await hear('done', { ...about, phase: 'done', share: 1, text: '', world: 0, detail: details[0], row,
    changes: { findings: ['It is so.'] } });
  looks.live.push(rows());
  time += 999;
  look('a little later');
  time += 1;
  look('later');
  live.begin('draw');
  look('another is begun');
  [live.following, live.scrubbed] = [true, true];
  await hear('another, at an epoch on the way', { ...about, phase: 'done', world: 1, detail: details[1], row });
  live.following = false;
  await hear('another, unseen', { ...about, phase: 'done', world: 2, detail: details[2], row });
  looks.live.push(rows());
  await hear('told again', { ...about, phase: 'done', world: 2, detail: details[2], row });
  looks.live.push(rows());
  await live.hear({ ...about, phase: 'training' });
  [looks['of no world'], told] = [rows(), []];
  await hear('the server counts on from the second', { ...about, phase: 'training', world: 1 });
  looks.live.push(rows());
  await hear('of another pile', { ...about, pile: 'two', phase: 'training', world: 0 });
  looks.live.push(rows());
  live.leave();
  look('left');
  live.leave();
  for (const phase of ['waiting', 'training', 'scoring', 'stopping', 'paused', 'done']) {
    live.set(phase, 0.4, phase);
    live.leave();
    look(`left, ${phase}`);
  }
  live.set('stopping');
  await hear('scored, though it shall stop', { ...about, pile: 'two', phase: 'scoring', share: 1 });
  live.leave();
  await hear('refused', { rule: 'own', phase: 'refused', text: '', wrong: { field: 'x', text: 'No.' } });
  await hear('of no rule', { phase: 'error', text: 'There is no room.' });
  looks['stop at once'] = ['draw', 'anew', 'resume', 'stop', 'leave'].map((action) => {
    [live.unheard, told] = [null, []];
    live.press(action);
    live.press('stop');
    const before = told.length;
    live.answered();
    return `${action}: ${before}, then ${told.length}`;
  });
  performance.now = now;
  return looks;
}
