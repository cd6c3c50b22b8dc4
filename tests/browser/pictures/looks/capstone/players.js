// Kept runs that nobody trained: as they are read, drawn, played, compared, saved and remembered.
async ({ html, settings, planes: sprites, sizes, news }) => {
  const { decodePlanes, decodePoints } = await load('film/decode');
  const planes = await load('film/planes');
  const { Stage } = await load('film/stage');
  const { Player } = await load('film/player');
  const looks = {};
  looks.read = JSON.stringify(await Promise.all(sprites.map(async (sprite, i) =>
    (await decodePlanes(sprite, sizes[i])).map((plane) => Array.from(plane)))));
  const coded = btoa(String.fromCharCode(0, 0, 255, 255, 0x21, 0xff, 0x7f, 1, 0, 0x17, 9, 9));
  looks.points = [{ data: coded }, { data: '' }].map((points) => decodePoints(points, [-2, 3, 10, 20]));
  looks.colours = Object.fromEntries(['labels', 'confidence', 'disagreement'].map((view) =>
    [view, [0, 1, 16, 31, 32, 63, 64, 255].map((at) => planes.colourTable(view, settings)[at] >>> 0)]));
  looks.units = [0, 1].map((unit) => [...planes.neuronPixels([0, 8, 16, 9, 7, 4, 15, 1], unit,
    { neuronSide: 2, neuronLevels: 8 })]);
  looks.contours = [[[0, 9, 0, 31], 2], [[0, 33, 64, 97], 2], [[0, 33, 32, 1], 2], [[5, 7, 40, 40], 2],
    [[0, 0, 0, 0, 40, 0, 0, 0, 0], 3], [[1, 33, 33, 1, 65, 33, 1, 1, 65], 3]].map(([plane, side]) =>
    planes.contour(plane, side, 32));

  // Runs: two classes with many points, and five of which some are drawn.
  const ops = [];
  const real = HTMLCanvasElement.prototype.getContext;
  const say = (value) => (typeof value === 'number' ? written(value) : value instanceof ImageData
    ? `pixels ${new Uint32Array(value.data.buffer).slice(0, 24).join(' ')}`
    : value?.localName === 'canvas' ? `canvas ${value.width}` : value instanceof Path2D ? 'path' : value);
  HTMLCanvasElement.prototype.getContext = function context(...about) {
    const own = real.apply(this, about);
    const name = this.className || `${this.width} x ${this.height}`;
    return new Proxy(own, {
      get: (_, key) => (...values) => {
        ops.push([`${name}:`, key, ...values.map(say)].join(' '));
        return own[key](...values);
      },
      set: (_, key, value) => {
        ops.push(`${name}: ${key} = ${value}`);
        own[key] = value;
        return true;
      },
    });
  };
  window.Path2D = class extends Trace {
    addPath(path, matrix) {
      super.addPath(path, matrix);
      ops.push(`along ${this.way.slice(0, 9).join(' ')}`);
    }
  };
  const frame = (epoch, seed, about = {}) => ({ epoch, kept: false, key: epoch, region:
    Uint8Array.from({ length: 16 }, (_, i) => (i * seed) % 64), ...about });
  const curve = (from, step, count, band) => {
    const mean = Array.from({ length: count }, (_, i) => from + step * i);
    return { mean, ...(band && { low: mean.map((v) => v - 0.01), high: mean.map((v) => v + 0.02) }) };
  };
  const rows = (epoch, band) => ({ epoch, train_loss: curve(0.61, -0.05, epoch.length, band),
    test_loss: curve(0.72, -0.04, epoch.length, band), train_accuracy: curve(0.55, 0.1, epoch.length, band),
    test_accuracy: curve(0.51, 0.09, epoch.length, band) });
  const planted = [[0, 10, 0, 0], [1, 14, 1, 1], [2, 18, 0, 1], [2.5, 12, 1, 0]].map(([x, y, label, part]) =>
    ({ x, y, label, part }));
  const start = { title: 'First', classes: 2, names: ['ill', 'well'], extent: [-2, 3, 10, 20], side: 4,
    members: 1, layers: [], widths: [], points: { shown: 4, total: 4 }, bayes_side: 2, epochs: 9,
    settings: { Rate: '0.1', Width: '4', Seed: '1' } };
  const first = { start, rows: rows([0, 4]), points: planted, bayes: Uint8Array.from([0, 1, 40, 41]),
    frames: [frame(0, 5), frame(4, 7), frame(4, 11, { kept: true, key: 4.5 })],
    result: { bayes_accuracy: 0.81, rows: { 'Test accuracy': '60 %', Epochs: '4' } } };
  const tiles = (count, seed) => Uint8Array.from({ length: 4 * count }, (_, i) => (i * seed) % 17);
  const second = { start: { ...start, title: 'Second', classes: 5, names: ['a', 'b', 'c', 'd',
    'a class with a long name'], members: 3, layers: [2, 1], widths: [2, 40], points: { shown: 2000, total: 99999 },
  settings: { Rate: '0.3', Width: '4', Depth: '2' } }, rows: rows([0, 3, 12], true), points: planted.slice(1, 3)
    .map((point, i) => ({ ...point, part: 1, label: 3 + i })), bayes: null,
  frames: [frame(0, 3, { neurons: tiles(3, 5), disagreement: Uint8Array.from({ length: 16 }, (_, i) => i % 3) }),
    frame(3, 9, { neurons: tiles(3, 7) }), frame(12, 13, { neurons: tiles(3, 3) })], result: null };
  const third = { ...first, start: { ...start, title: '', settings: { ...start.settings, Seed: '2' } },
    frames: [frame(0, 5)], rows: rows([0]), points: [{ ...planted[0], part: 2 }] };

  const page = () => {
    document.body.innerHTML = `<style>.stages { display: flex } .stage { margin: 0; width: 330px }
      canvas.picture { width: 320px; height: 320px; color: rgb(1, 2, 3); --film-paper: #fed }</style>
      <div style="width:800px">${html}</div>`;
    return document.body.lastElementChild;
  };
  const wrong = [];
  window.addEventListener('error', ({ message }) => wrong.push(message));
  const player = new Player(page(), { ...settings, neuronSide: 2 });
  const { root } = player;
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const parts = () => ['compare-pickers', 'differences', 'transport', 'tools', 'saves', 'members-only', 'bayes-box']
    .map((name) => `${name} ${part(name).hidden}`);
  const seen = () => [root.dataset.epoch, part('moment').textContent, part('scrubber').value,
    part('scrubber').max, part('scrubber').getAttribute('aria-valuetext'), part('play').textContent,
    part('play').getAttribute('aria-label'), root.dataset.frames, root.dataset.count, root.dataset.state,
    ...player.stages.flatMap(({ picture, loss, accuracy }) => [picture.canvas.getAttribute('aria-label'),
      loss.readout.textContent, accuracy.readout.textContent])];
  const drawn = () => ops.splice(0).map((op) => op);
  const clips = (of) => of.map((text) => text.replace(/clip-\w+/g, 'clip')
    .replace(/draw-ms="[^"]*"|view-\w+/, ''));
  await until(() => false, 3);
  looks['no run'] = [clips(lines(root)), player.moments];
  player.lend([]);
  looks['no run, lent'] = [parts(), seen()];
  player.lend([first, second]);
  looks.two = [parts(), seen(), player.moments, clips(lines(part('stages')))];
  looks['two, drawn'] = drawn();
  const step = (name, act) => {
    act();
    looks.steps = [...(looks.steps ?? []), [name, player.at, player.playing, seen()]];
    return drawn();
  };
  step('back', () => part('back').click());
  step('back to kept parameters', () => part('back').click());
  step('on', () => part('next').click());
  looks['at the third'] = step('by the slider', () => {
    part('scrubber').value = 1;
    part('scrubber').dispatchEvent(new Event('input'));
  });
  const picture = player.stages[0].picture.canvas;
  const key = (name, place = picture) => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true });
    place.dispatchEvent(event);
    return event.defaultPrevented;
  };
  for (const name of ['ArrowRight', 'End', 'ArrowRight', 'Home', 'ArrowLeft', 'q']) {
    step(name, () => { looks[`key ${name}`] = key(name); });
  }
  step('in a box', () => { looks['key in a box'] = key('End', part('scrubber')); });
  const check = (name, on) => {
    part(name).checked = on;
    part(name).dispatchEvent(new Event('change'));
  };
  looks['best possible'] = step('best', () => check('bayes', true));
  looks['no training points'] = step('no training', () => check('train', false));
  looks['no points'] = step('no test', () => check('test', false));
  looks['training points'] = step('training', () => check('train', true));
  for (const view of ['confidence', 'disagreement', 'labels']) {
    const box = root.querySelector(`[value=${view}]`);
    looks[view] = step(view, () => box.click());
  }
  looks['views are one group'] = new Set([...part('views').querySelectorAll('input')].map(({ name }) => name)).size;
  const click = (x, y, at = 0) => {
    const canvas = player.stages[at].picture.canvas;
    const { left, top } = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new MouseEvent('click', { clientX: left + x, clientY: top + y }));
    return player.stages.map(({ picked }) => picked);
  };
  looks.clicked = [[33, 50], [35, 7], [313, 50], [50, 299], [34, 8], [312, 298], [173, 153]].map(([x, y]) =>
    click(x, y));
  drawn();
  looks['a place'] = step('a place', () => click(100, 100, 1));
  const units = [...root.querySelectorAll('.tiles button')];
  for (const [name, event] of [['over', 'mouseenter'], ['no more', 'mouseleave'], ['focus', 'focus'],
    ['blur', 'blur']]) {
    looks[`a unit, ${name}`] = step(name, () => units[event.startsWith('mouse') ? 2 : 1].dispatchEvent(new Event(event)));
  }
  key('Home');
  const frames = [];
  const request = window.requestAnimationFrame;
  const clock = performance.now;
  let time = 100;
  performance.now = () => time;
  window.requestAnimationFrame = (call) => frames.push(call);
  const roll = (...times) => times.map((wait) => {
    time += wait;
    for (const call of frames.splice(0)) call(time);
    return `${time} ${player.at} ${player.playing} ${frames.length}`;
  });
  part('play').click();
  looks.played = [seen()[5], ...roll(49, 1, 30, 20, 49)];
  part('play').click();
  looks.played.push('paused', ...roll(60), 'on', key(' '), ...roll(50, 50));
  key(' ');
  key(' ');
  looks.played.push('paused and on', ...roll(50, 50, 50, 50, 50), 'again', key(' '), ...roll(50));
  part('back').click();
  looks.played.push('looked at', ...roll(50), seen()[5]);
  part('play').click();
  root.remove();
  looks.played.push('gone', ...roll(50, 50));
  document.body.lastElementChild.append(root);
  window.requestAnimationFrame = request;
  performance.now = clock;
  await until(() => false, 3);
  drawn();
  document.body.classList.add('dark');
  picture.style.color = 'rgb(9, 9, 9)';
  await until(() => ops.some((op) => op.includes('rgb(9, 9, 9)')));
  looks.dark = drawn().filter((op) => /Style/.test(op)).slice(0, 9);
  root.querySelector('[value=disagreement]').click();
  player.lend([third]);
  looks.one = [parts(), seen(), { ...player.show }, clips(lines(part('stages')))];
  looks['one, drawn'] = drawn();
  player.lend([second, first, third]);
  key('Home', player.stages[2].picture.canvas);
  looks['three at once'] = [parts(), seen(), player.show.view];
  drawn();
  const saved = saves();
  part('next').click();
  part('svg').click();
  const [[name, kind, text]] = await saved.told();
  looks.saved = [name, kind, text.map((line) => line.replace(/data:image\/png[^"]*/, 'data')
    .replace(/clip-\w+/g, 'clip').replace(/fill-opacity=.*display="\w+"/, 'styled'))];
  drawn();
  part('png').click();
  await until(() => saved.files.length);
  looks['saved as a picture'] = [await saved.told(), drawn(), wrong];
  // On a screen of finer pixels.
  Object.defineProperty(window, 'devicePixelRatio', { configurable: true, value: 1.5 });
  const finer = step('finer', () => part('back').click());
  looks['finer, drawn'] = [player.stages.map(({ picture: { canvas } }) => `${canvas.width} x ${canvas.height}`),
    ...[/setTransform|scale|clearRect/, /arc|drawImage/].map((what) => finer.filter((op) => what.test(op)))];
  player.lend([{ ...first, rows: rows([0, 12345]), frames: [frame(12345, 5), frame(12345, 5, { kept: true, key: 12345.5 })] }]);
  part('svg').click();
  const [[, , long]] = await saved.told();
  looks['many epochs'] = [seen().slice(0, 11), long.filter((line) => /, epoch|At epoch/.test(line))];
  drawn();
  // The more points, the smaller they are, between two sizes.
  looks.radii = [60, 400, 1000, 3000].map((count) => {
    const points = Array.from({ length: count }, (_, i) => planted[i % 4]);
    player.lend([{ ...first, points }]);
    return drawn().find((op) => op.includes(' arc ')).split(' ').at(-3);
  });
  return looks;
}
