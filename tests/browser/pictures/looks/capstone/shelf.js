// Runs that nobody trained, told in news, kept, compared with each other, forgotten and recalled.
async ({ html, settings, news }) => {
  const looks = {};
  const run = (title, about = {}) => ({ start: { title, classes: 2, layers: [], widths: [], names: ['a', 'b'],
    extent: [0, 1, 0, 1], points: { shown: 0, total: 0 }, side: 2, members: 1, settings: {}, ...about.start },
  rows: { epoch: [0, 2], ...Object.fromEntries(['train', 'test'].flatMap((part) => ['loss', 'accuracy']
    .map((name) => [`${part}_${name}`, { mean: [0.5, 0.75] }]))) }, points: [], result: about.result ?? null,
  frames: [{ key: 0, epoch: 0, region: new Uint8Array(4) }], ...about.run });

  // What was kept in the browser by other visits: some of it is no run.
  const store = (value) => new Promise((done, fail) => {
    const opening = indexedDB.open('classifiers-kept-runs', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('shelf');
    opening.onsuccess = () => {
      const writing = opening.result.transaction('shelf', 'readwrite');
      writing.objectStore('shelf').put(value, 'runs');
      writing.oncomplete = () => {
        opening.result.close();
        done();
      };
      writing.onerror = fail;
    };
  });
  const stored = () => new Promise((done) => {
    const opening = indexedDB.open('classifiers-kept-runs', 1);
    opening.onsuccess = () => {
      const asking = opening.result.transaction('shelf').objectStore('shelf').get('runs');
      asking.onsuccess = () => {
        opening.result.close();
        done(asking.result);
      };
    };
  });
  const titles = (runs) => runs.map(({ start }) => start.title).join(' ');
  const odd = [null, 7, { ...run('no title'), start: {} }, run('no pictures', { run: { frames: null } }),
    run('pictures of text', { run: { frames: [{ region: 'x' }] } }), run('no points', { run: { points: {} } }),
    run('no rows', { run: { rows: {} } }), run('some pictures', { run: { frames: [
      { region: new Uint8Array(4) }, { region: [1, 2] }] } })];
  const shelfOf = async (number, before) => {
    await store(before);
    const url = new URL(`${base}/film/shelf.js`, location.origin);
    const shelf = await import(number ? `${url}?${number}` : url);
    const told = [];
    shelf.onKept((runs) => told.push(titles(runs)));
    await shelf.keepRuns([run('new')]);
    return [shelf, told];
  };
  const [, others] = await shelfOf(1, { format: 2, runs: [run('of another format')] });
  const [, none] = await shelfOf(2, { format: 1, runs: 'no list' });
  const [, many] = await shelfOf(3, { format: 1, runs: [...'abcdefghij'].map((name) => run(name)) });
  const planes = (name, about) => run(name, { run: { frames: [{ region: new Uint8Array(1), ...about }] } });
  const [large, largest] = await shelfOf(4, { format: 1, runs: [planes('shades', { disagreement:
    new Uint8Array(2e7) }), planes('tiles', { neurons: new Uint8Array(2e7 - 6) }), run('small')] });
  await large.keepRuns([planes('larger', { neurons: new Uint8Array(2e7) })]);
  const [, alone] = await shelfOf(5, { format: 1, runs: [run('alone')] });
  looks.recalled = { others, none, many, largest, alone };

  const shelf = await import(new URL(`${base}/film/shelf.js`, location.origin));
  await shelf.forgetRuns();
  const told = [];
  shelf.onKept((runs) => told.push(titles(runs)));
  await Promise.all([shelf.keepRuns([run('one'), run('two')]), shelf.keepRuns([run('three')])]);
  let kept = null;
  for (let i = 0; i < 99 && kept?.runs.length !== 3; i += 1) kept = await stored();
  looks.stored = [kept.format, titles(kept.runs), told];
  await shelf.forgetRuns();

  // Storage that cannot be opened, read or written to.
  const own = indexedDB;
  const asks = [];
  const happens = (target, name) => {
    queueMicrotask(() => target.dispatchEvent(new Event(name)));
    return target;
  };
  const request = (name, about) => happens(Object.assign(new EventTarget(), about), name);
  const storage = ({ opened, ...ends }) => ({ open(name, version) {
    asks.push(`open ${name} ${version}`);
    return request(opened, { error: new Error('refused'), result: { close: () => asks.push('close'),
      transaction: (_, mode) => {
        const transaction = new EventTarget();
        const ask = (kind) => (value) => {
          asks.push(`${kind} ${value.format ?? value} ${mode}`);
          if (ends[kind] === 'success') happens(transaction, 'complete');
          return request(ends[kind], { error: new Error('full'), transaction });
        };
        return { objectStore: () => ({ get: ask('get'), put: ask('put') }) };
      } } });
  } });
  looks.refused = [];
  for (const [opened, get, put] of [['error'], ['success', 'error', 'success'], ['success', 'success', 'error'],
    ['success', 'success', 'success']]) {
    Object.defineProperty(window, 'indexedDB', { configurable: true, value: storage({ opened, get, put }) });
    const one = await import(new URL(`${base}/film/shelf.js?${opened}${get}${put}`, location.origin));
    const heard = [];
    one.onKept((runs) => heard.push(titles(runs)));
    one.keepRuns([run('kept all the same')]);
    await new Promise((done) => { setTimeout(done); });
    looks.refused.push([opened, get ?? '', put ?? '', heard, asks.splice(0)]);
  }
  Object.defineProperty(window, 'indexedDB', { configurable: true, value: own });

  // Three of them beside each other.
  const { start } = await load('film/compare');
  document.body.innerHTML = `<style>canvas.picture { width: 99px; height: 99px }</style><div>${html}</div>`;
  const root = document.querySelector('.film');
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const seen = () => [...['forget', 'compare-empty', 'compare-pickers'].map((name) =>
    `${name} ${part(name).hidden}`), lines(part('first')), lines(part('second')), part('differences').textContent,
  lines(part('table')), [...root.querySelectorAll('.stage-title')].map((one) => one.textContent),
  root.dataset.count];
  start({ element: document.body }, settings);
  looks.compared = { none: seen() };
  const keep = async (name, ...runs) => {
    await shelf.keepRuns(runs);
    looks.compared[name] = seen();
  };
  await keep('one', run('First', { start: { settings: { Rate: '0.1', Seed: '1', Noise: '0.2' } },
    result: { bayes_accuracy: 0.9, rows: { Loss: '0.5', Epochs: '7' } } }));
  await keep('two', run('Second', { start: { settings: { Rate: '0.1', Seed: '1', Noise: '0.2' } } }));
  await keep('three', run('Third', { start: { settings: { Rate: '0.3', Seed: '1', Depth: '4' } },
    result: { bayes_accuracy: 0.8, rows: { Loss: '0.4', Folds: '5' } } }));
  const choose = (name, value) => {
    part(name).value = value;
    part(name).dispatchEvent(new Event('change'));
    looks.compared[`${name} ${value}`] = seen();
  };
  choose('first', 0);
  choose('second', 0);
  choose('first', 2);
  part('forget').click();
  await until(() => part('forget').hidden);
  looks.compared.forgotten = seen();

  // A run as it is told, piece by piece.
  const { Stage } = await load('film/stage');
  const draws = [];
  const stage = new Stage({ settings: { ...settings, neuronSide: 2 }, draw: () => draws.push('draw') });
  stage.draw(0, {});
  const held = () => structuredClone({ planned: stage.planned, ended: stage.ended, rows: stage.rows, picked: stage.picked,
    frames: stage.frames, bayes: stage.bayes ?? null, points: stage.points ?? null, result: stage.result,
    at: [-1, 0, 1, 2000, 2000.5, 9999].map((key) => stage.frameAt(key)?.key ?? 'none') });
  looks.news = [held()];
  for (const one of news) {
    await stage.take(one);
    stage.clicked({ x: 1, y: 2 });
    looks.news.push(held());
  }
  looks.drawn = [draws, lines(stage.root)];
  return looks;
}
