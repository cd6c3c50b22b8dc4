// A run as the page holds it, how it moves, and what of it is kept: of made-up messages.
async () => {
  const calm = { matches: false };
  window.matchMedia = (query) => (query === '(prefers-reduced-motion: reduce)' ? calm : { matches: false });
  const { Playing } = await load('playground/run/playing');
  const { Transport } = await load('playground/run/transport');
  const { Keeping } = await load('playground/run/keeping');
  const { keptRun } = await load('playground/run/sprites');
  const looks = {};

  // Films of weights, and of pictures.
  const sizes = [2, 3, 2];
  const weights = { sizes, activation: 'relu', outputs: 'logits', features: ['x1', 'x2'] };
  const start = { classes: 2, members: 2, names: ['class 0', 'well'], widths: [3], weights, side: 2,
    layers: [3], extent: [-2, 3, -1, 5], points: { data: btoa(String.fromCharCode(0, 0, 255, 255, 0x11, 0, 128,
      0, 64, 0x20, 9, 9, 0, 200, 1)) }, title: 'Made up', epochs: 9, bayes_side: 2,
    bayes: await deflated(Uint8Array.from([1, 40, 9, 33])), settings: { a: 1, b: 'x', c: 2, d: 3, e: 'last' } };
  const count = 17;
  const members = (k) => [0, 1].map((m) => Array.from({ length: count }, (_, i) =>
    Math.fround(Math.sin(1 + i + 10 * m + k))));
  const rows = (epochs, by = 0) => ({ epoch: epochs, ...Object.fromEntries(['train_loss', 'test_loss',
    'train_accuracy', 'test_accuracy'].map((name, k) => [name, { mean: epochs.map((epoch) =>
    Number((k + epoch / 10 + by).toFixed(3))), ...(k === 2 && { low: epochs.map(() => k) }) }])) });
  const film = await Film.begin(start);
  const state = () => ({ epochs: film.moments.map(({ epoch, kept, key }) => `${epoch} ${kept} ${key}`),
    reached: film.reached, rows: [...film.rows.epoch], losses: [...film.rows.test_loss.mean],
    low: [...film.rows.train_accuracy.low ?? []], changes: film.changes, result: film.result });
  looks.begun = { points: film.points, bayes: film.bayes, training: film.training, labels: [film.label(0),
    film.label(1)], members: film.members, classes: film.classes, ...state(), row: film.rowAt(3), at: film.indexAt(5) };
  await film.take({ rows: rows([0, 1]), frames: await framesOf([0, 1], [members(0), members(1)], { kept: [0, 1],
    confusion: [[[3, 1], [2, 4.5]], [[5, 0.1], [0, 7]]] }) });
  looks.taken = { ...state(), confusion: film.moments.map(({ confusion }) => confusion),
    parameters: film.moments.map(({ members: all }) => all.map((one) => [one.length, one[0], one.at(-1)])),
    same: film.moments.every((moment, k) => moment.members.every((one, m) =>
      one.every((value, i) => value === members(k)[m][i]))) };
  await film.take({ rows: rows([1, 2, 3], 0.5), frames: await framesOf([1, 3], [members(5), members(6)]) });
  looks['taken again'] = state();
  await film.take({ frames: await framesOf([3], [members(7)], { kept: [1] }), changes: [{ epoch: 3, l2: 1 }] });
  await film.take({ rows: rows([2, 3], 9), result: { fresh_accuracy: 0.5 } });
  looks['and again'] = { ...state(), at: [-1, 0, 0.9, 1, 1.5, 2.9, 3, 3.5, 99].map((key) => film.indexAt(key)),
    row: [-1, 0, 2.5, 99].map((epoch) => film.rowAt(epoch)) };
  const { weights: _, ...unknown } = { ...start, names: ['class 1', 'class 1'], changes: [{ epoch: 1 }] };
  const drawn = await Film.begin({ ...unknown, bayes: null, neuron_side: 2, layers: [2, 1] });
  await drawn.take({ rows: rows([4]), frames: { epochs: [2, 4], kept: [false, false],
    region: await deflated(Uint8Array.from([1, 2, 3, 4, 250, 1, 1, 1])),
    disagreement: await deflated(Uint8Array.from([0, 1, 0, 1, 1, 1, 1, 1])),
    neurons: await deflated(Uint8Array.from({ length: 24 }, (_, i) => i)) } });
  looks.sprites = [drawn.moments, drawn.training ?? 'none', drawn.bayes, drawn.changes, drawn.reached, drawn.label(0),
    drawn.label(1)];
  const plain = await Film.begin({ ...unknown, bayes: null, neuron_side: undefined });
  await plain.take({ frames: { epochs: [7], kept: [false], region: await deflated(Uint8Array.from([1, 2, 3, 4])) } });
  looks.sprites.push(plain.moments, plain.reached);
  await plain.take({ rows: rows([9]) });
  looks.sprites.push(plain.reached);
  looks.cells = [[600, 1], [700, 1], [900, 3], [2000, 1], [2000, 2], [6000, 3]].map(([numbers, networks]) =>
    [false, true].map((fine) => new Reading({ network: { count: numbers }, members: networks }, {}, fine).cells));

  // Runs as they are kept.
  const big = { ...weights, sizes: [2, 18, 3, 3], activation: 'tanh' };
  const three = madeFilm({ members: 3, widths: [18, 3], weights: big, names: ['class 0', 'ill', 'class 1'] });
  const draw = lot(3);
  three.moments = [2, 4].map((epoch) => ({ epoch, key: epoch + 0.5, kept: true, members: [0, 1, 2].map((m) =>
    Float32Array.from({ length: three.network.count }, (__, i) => 1.6 * (draw() - 0.5) + (m ? 0 : i % 3 / 4))) }));
  for (const [name, one] of Object.entries({ three, drawn })) {
    const kept = keptRun(one);
    const { side, layers, names } = kept.start;
    looks[`kept: ${name}`] = [side, layers, names, Object.keys(kept), kept.rows === one.rows,
      kept.frames === one.moments, ...kept.frames.map((frame) => Object.entries(frame).map(([key, value]) =>
        (ArrayBuffer.isView(value) ? `${key} ${value.length}: ${counted(value)}` : `${key} ${value}`)))];
  }
  const single = madeFilm({ widths: [18, 3], weights: big });
  single.moments = three.moments.slice(0, 1).map((moment) => ({ ...moment, members: moment.members.slice(0, 1) }));
  const [frame] = keptRun(single).frames;
  looks['kept: one'] = [typeof frame.disagreement, ...['region', 'neurons'].map((name) => counted(frame[name])),
    Array.from({ length: 24 }, (__, i) => frame.region[i * 4 * 96 + 4 * i]),
    Array.from({ length: 24 }, (__, i) => frame.neurons[17 * 576 + 24 * i + i])];

  // How it moves. Time passes when it is told to.
  const bench = { now: 100, frames: [], timers: [] };
  performance.now = () => bench.now;
  window.requestAnimationFrame = (call) => bench.frames.push(call);
  window.setTimeout = (call, wait = 0) => bench.timers.push([call, wait]);
  const pass = (milliseconds) => {
    bench.now += milliseconds;
    for (const call of bench.frames.splice(0)) call(bench.now);
  };
  const rest = async () => {
    for (let k = 0; k < 8; k += 1) await Promise.resolve();
  };
  const log = [];
  const begin = () => {
    const told = [];
    const playing = new Playing({ changed: () => told.push('changed'), press: (action, about) =>
      told.push(`${action} ${JSON.stringify(about)}`), ended: ({ ended }) => told.push(`ended ${ended}`) });
    const note = (what) => {
      const { at, training, rolling, after, follows, run, busy, moment, reached, film: shown } = playing;
      const on = Object.entries({ training, rolling, after, follows, busy }).filter(([, is]) => is)
        .map(([name]) => name).join(' ');
      log.push(`${what}: at ${at}, epoch ${moment?.epoch} of ${reached}, ${shown?.number} ${shown?.config} ${run}, ${
        on || 'nothing'}; ${told.splice(0).join(', ')}; ${bench.frames.length} frames, waits ${
        bench.timers.splice(0).map(([call, wait]) => {
          if (wait < 1000) call();
          return wait;
        })}`);
    };
    return { playing, note, told };
  };
  const { playing, note } = begin();
  note('nothing yet');
  playing.play();
  note('played, of nothing');
  const empty = madeFilm({});
  empty.number = 'empty';
  playing.show(empty);
  note('shown, of no moments');
  const frames = (...epochs) => framesOf(epochs, epochs.map(members));
  const of = async (...epochs) => {
    const made = await Film.begin(start);
    await made.take({ rows: rows(epochs), frames: await frames(...epochs) });
    made.number = 'made';
    made.config = 'of made';
    return made;
  };
  playing.show(await of(0, 1, 2));
  note('shown');
  playing.play();
  note('played');
  playing.run = 'r';
  await playing.take({ run: 'other', state: 'running', stages: [{ start }] });
  await playing.take({ run: 'other', stages: [{ frames: await frames(8) }] });
  note('news of another');
  playing.follows = false;
  await playing.take({ run: 'r', state: 'running', stages: [{ start, rows: rows([0]), frames: await frames(0) }] });
  note('the whole of it');
  await playing.take({ run: 'r', stages: [{ rows: rows([0, 1, 2, 3, 4]), frames: await frames(1, 2, 3, 4) }] });
  note('four more');
  for (const wait of [0, 20, 12, 33, 70, 1, 33, 33]) {
    pass(wait);
    note(`${wait} later`);
  }
  await playing.take({ run: 'r', stages: [{ frames: await frames(...Array.from({ length: 36 }, (__, i) => 5 + i)) }] });
  for (let k = 0; k < 5; k += 1) {
    pass(33);
    note('far behind');
  }
  playing.pause();
  let settled = 0;
  playing.settled().then(() => { settled += 1; });
  note('paused');
  playing.pause();
  pass(33);
  note('paused again');
  await playing.take({ run: 'r', stages: [{ frames: await frames(50) }] });
  note('late news');
  await playing.take({ run: 'r', stages: [{ changes: [{ epoch: 3 }] }] });
  note('late news of a change');
  playing.seek(7);
  note('sought');
  await playing.take({ run: 'r', state: 'paused', ended: 'It ended.', stages: [{ start,
    frames: await frames(0, 3, 6, 9, 12) }] });
  note('paused, told as a whole');
  await rest();
  log.push(`settled ${settled}`);
  for (const at of [99, -5, 2, 4]) {
    playing.seek(at);
    note(`seek ${at}`);
  }
  playing.seek(1);
  playing.play();
  note('the film plays');
  for (let k = 0; k < 5; k += 1) {
    pass(33);
    note('it goes on');
  }
  await playing.take({ run: 'r', stages: [{ frames: await frames(13) }] });
  playing.speed = 3;
  playing.send();
  note('at full speed');
  playing.seek(3);
  note('sought while it trains');
  playing.play();
  pass(33);
  playing.pause();
  note('a film that was paused');
  pass(33);
  note('stands still');
  playing.seek(0);
  playing.play();
  playing.seek(2);
  note('sought while a film plays');
  playing.train();
  playing.at = 2;
  playing.follows = false;
  await playing.take({ run: 'r', state: 'done', ended: 'Stopped early.', stages: [{ frames: await frames(20) }] });
  note('done, while another is looked at');
  playing.follows = true;
  await playing.take({ run: 'r', jump: true, changes: [], state: 'paused', stages: [{ frames: await frames(21) }] });
  note('jumped');
  playing.train();
  await playing.take({ run: 'r', jump: true, stages: [{ frames: await frames(22) }] });
  note('jumped while it trains');
  calm.matches = true;
  playing.show(playing.film);
  playing.run = 's';
  playing.seek(0);
  playing.play();
  note('calm, played from the first');
  await playing.take({ run: 's', stages: [{ frames: await frames(23, 24) }] });
  note('calm, news');
  playing.follows = false;
  await playing.take({ run: 's', stages: [{ frames: await frames(25) }] });
  note('calm, not followed');
  const late = playing.take({ run: 's', state: 'running', stages: [{ start, frames: await frames(0, 1) }] });
  playing.show(await of(0, 5));
  await late;
  note('left while it is read');
  playing.run = 't';
  playing.train();
  await playing.take({ run: 't', state: 'running', stages: [{ start }] });
  note('of no moments yet');
  playing.pause();
  const wait = playing.settled().then(() => log.push('settled late'));
  bench.timers.at(-1)[0]();
  await wait;
  note('not answered');
  playing.settle();
  note('settled');
  for (const turn of ['first', 'second']) {
    playing.train();
    playing.pause();
    playing.settled().then(() => log.push(`settled, as the ${turn} pause was awaited`));
  }
  playing.settle();
  await rest();
  looks.playing = log;

  // Its buttons, and what of it is saved.
  const root = build(`<div>${['reset', 'play', 'step', 'anew', 'speed', 'keep', 'png', 'svg', 'weights', 'script',
    'copy-code'].map((name) => `<button data-part="${name}"></button>`).join('')}<b data-part="epoch"></b>
    <i data-part="reached"></i><div data-part="code" hidden><pre></pre></div></div>`);
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const acts = [];
  const transport = new Transport(root, Object.fromEntries(['reset', 'play', 'step', 'anew', 'speed'].map((name) =>
    [name, () => acts.push(name)])));
  looks.transport = [[true, 3, 12345, 0], [false, 5, 5, 3], [false, 1234, 4, 1], [true, 0, 1, 2]].map(([is, epoch,
    reached, speed]) => {
    transport.draw({ playing: is, epoch, reached, speed });
    return lines(root).filter((line) => /data-part="(play|speed|epoch|reached)"/.test(line));
  });
  for (const name of ['reset', 'play', 'step', 'anew', 'speed']) press(part(name));
  looks.pressed = acts;

  const said = [];
  const saved = [];
  const answers = [{ weights: btoa('abc') }, { wrong: { '': 'Train it.', b: 'It is gone.' } }, { code: 'import torch' },
    { wrong: { x: 'No', y: 'code.' } }];
  URL.createObjectURL = (blob) => {
    saved.push([blob.type, blob.size]);
    return 'data:,';
  };
  HTMLAnchorElement.prototype.click = function click() { saved.push(this.download); };
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: (text) => {
    said.push(['copied', text]);
    return Promise.reject(new Error('refused'));
  } } });
  const shown = await of(0, 1);
  const stage = { part, shown, colours, board: { config: 'config' }, draft: null,
    playing: { reached: 2, moment: { epoch: 1234 }, settled: async () => said.push('settled') },
    server: { ask: async (kind, about) => {
      said.push([kind, about]);
      return answers.shift();
    } }, tell: (...about) => said.push(about),
    picture: Object.fromEntries(['below', 'above'].map((name, k) => [name, { toDataURL: (kind) => `${kind}${k}` }])),
    curves: { plots: ['loss', 'accuracy'].map((quantity) => {
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
      return { quantity, svg };
    }) } };
  const keeping = new Keeping(stage);
  for (const [name, about] of [['weights', {}], ['weights', { reached: 0 }], ['script', { draft: {} }], ['copy-code', {}],
    ['script', {}], ['script', {}]]) {
    Object.assign(stage, { draft: about.draft ?? null });
    stage.playing.reached = about.reached ?? 2;
    press(part(name));
    await rest();
    said.push([name, part('code').hidden, part('script').getAttribute('aria-expanded'), part('code').textContent]);
  }
  looks.saved = [said, saved];
  keeping.ask('other', { ran: 'given' });
  looks.asked = said.at(-1);
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined });
  const wrong = [];
  window.addEventListener('error', ({ message }) => wrong.push(message));
  press(part('copy-code'));
  looks['nowhere to copy'] = wrong;
  let text = null;
  URL.createObjectURL = (blob) => {
    text = blob.text();
    return 'data:,';
  };
  press(part('svg'));
  const figure = document.createElement('div');
  figure.innerHTML = await text;
  looks.figure = [lines(figure), saved.at(-1)];
  return looks;
}
