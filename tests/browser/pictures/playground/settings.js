// Settings, one by one, in groups and all together; what goes with a change, and what is told of it.
async ({ html, settings }) => {
  const { buildField, written } = await load('playground/settings/fields');
  const { Panel } = await load('playground/settings/panel');
  const { Board } = await load('playground/settings/board');
  const { liveChanges, withValues } = await load('playground/settings/config');
  const looks = {};
  const unnumbered = (all) => all.map((line) => line.replaceAll(/setting-\d+/g, 'setting-N'));
  const enter = (place, value) => {
    place.value = value;
    for (const name of ['input', 'change']) place.dispatchEvent(new Event(name, { bubbles: true }));
  };

  const kinds = {
    rate: { path: 'a.rate', label: 'Rate', kind: 'select', term: 'learning rate',
      choices: [[null, 'all'], [0.1, '0.1'], [12345, '12,345'], ['x', 'ex']] },
    share: { path: 'a.share', label: 'Share', kind: 'slider', term: 'no such word', low: 0.1, high: 0.9,
      step: 0.2, percent: true, none: 'even' },
    noise: { path: 'a.noise', label: 'Noise', kind: 'slider', low: 0, high: 5, step: 0.5 },
    wait: { path: 'a.wait', label: 'Wait', kind: 'number', low: 1, high: 9, step: 2 },
    any: { path: 'a.any', label: 'Any', kind: 'number', low: 0, high: null },
    free: { path: 'a.free', label: 'Free', kind: 'number', low: null, high: null } };
  const values = { rate: [0.1, null, 2345.5, 'odd', 0.1], share: [0.5, null, undefined, 0.95, 0.123],
    noise: [2.5, 0, 9, 1, null], wait: [5, null, 0], any: [0.25, null], free: [-3, undefined] };
  const entered = { rate: ['"x"', 'null', '0.1'], share: [0.1, 0.3, 0.9], noise: [0, 5],
    wait: [' 7 ', '', '0'], any: ['1e-3'], free: ['', '-2'] };
  looks.fields = {};
  for (const [name, field] of Object.entries(kinds)) {
    const told = [];
    const built = buildField(field, (path, value) => told.push([path, value]));
    document.body.replaceChildren(built.root);
    const input = built.root.querySelector('select, input');
    const filled = () => input.style.getPropertyValue('--filled');
    const shown = values[name].map((value) => {
      built.show(value);
      return [value, input.value, input.max ?? '', filled(), built.root.querySelector('b').textContent,
        input.getAttribute('aria-valuetext')];
    });
    const drawn = unnumbered(lines(built.root));
    for (const value of entered[name]) enter(input, value);
    built.complain('It is wrong.');
    built.disable(true);
    const wrong = unnumbered(lines(built.root));
    built.complain('');
    built.disable(false);
    looks.fields[name] = { shown, drawn, told, wrong, same: built.field === field,
      mended: unnumbered(lines(built.root)).filter((line) => !drawn.includes(line)) };
    if (!built.stretch) continue;
    if (field.kind === 'select') built.stretch([[1, 'one'], ['x', 'other']]);
    else built.stretch({ low: -1, high: 3, step: 1 });
    built.show(1);
    looks.fields[name].stretched = unnumbered(lines(built.root));
  }
  const two = ['rate', 'wait'].map((name) => buildField(kinds[name], () => {}).root);
  document.body.replaceChildren(...two);
  looks.ids = new Set(two.map((root) => root.querySelector('select, input').id)).size;
  // A box that is being written in is left alone.
  const box = buildField(kinds.any, () => {});
  document.body.replaceChildren(box.root);
  const typed = box.root.querySelector('input');
  typed.focus();
  typed.value = '1.50';
  looks.typed = [1.5, 2, null].map((value) => {
    box.show(value);
    return typed.value;
  });
  looks.written = [[{}, null], [{ none: 'even' }, undefined], [{ percent: true }, 0.12345],
    [{ percent: true }, 0], [{}, 12345.678], [{}, 'x'], [{}, true]].map(([field, value]) =>
    written(field, value));

  const panel = (() => {
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    const told = [];
    const made = new Panel(root, [
      { path: 'p.l2', label: 'Both', kind: 'select', watch: ['p.l1', 'p.l2'], choices: [['no', 'no'],
        ['some', 'some']], patches: { no: { 'p.l1': 0, 'p.l2': 0 }, some: { 'p.l1': 0, 'p.l2': 2 } } },
      { path: 'p.start', label: 'Start', kind: 'select', choices: [['he', 'He'], ['to', 'To']],
        usual: 'to', only: [['p.kind', ['a', 'b']], ['p.on', [true]]] },
      { path: 'p.wait', label: 'Wait', kind: 'number', usual: 200 }], (values) => told.push(values));
    const states = [[{ l1: 0, l2: 0, kind: 'a', wait: 3 }, ['p.l1']], [{ l1: 0, l2: 2, kind: 'c',
      start: 'he', wait: null }, ['p.start', 'p.other']], [{ l1: 3, l2: 2, kind: 'c', on: true }, null],
    [{ l1: 0, l2: 7, kind: 'b' }, ['p.l2', 'p.wait']]].map(([p, moved]) => {
      if (moved) made.show({ p }, new Set(moved));
      else made.show({ p });
      return made.fields.map(({ root: field }) => {
        const input = field.querySelector('select, input');
        return `${input.value} ${field.className}${input.disabled ? ' off' : ''}`;
      });
    });
    const inputs = [...root.querySelectorAll('select, input')];
    enter(inputs[0], '"some"');
    enter(inputs[1], '"he"');
    const errors = [{ 'p.l1': 'l1 is wrong', 'p.l2': 'l2 is wrong', other: 'not here' },
      { 'p.l2': 'l2 is wrong', 'p.wait': 'too long' }, {}].map((wrong) => [made.complain(wrong),
      [...root.querySelectorAll('.wrong-value')].map((p) => (p.hidden ? 'hidden' : p.textContent))]);
    return { states, told, errors };
  })();
  looks.panel = panel;

  // All together. What is asked for, what becomes of the settings, and what is shown of them.
  const stage = () => build(html);
  const told = [];
  let root = null;
  const begin = () => {
    root = stage();
    told.length = 0;
    return new Board(root, settings, (config, values) => told.push(values));
  };
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const state = (board) => ({ told: told.splice(0), built: board.built,
    now: { name: board.config.dataset.name, classes: board.config.dataset.classes,
      features: board.config.dataset.features.join(), seed: board.config.dataset.seed,
      names: board.config.dataset.class_names, points: board.config.dataset.points?.length,
      ...board.config.network, widths: board.config.network.widths.join('-'),
      training: `${board.config.training.optimizer} ${board.config.training.momentum} ${
        board.config.training.learning_rate} ${JSON.stringify(board.config.training.early_stopping)}` },
    layers: `${part('layers').textContent} ${part('fewer-layers').disabled} ${
      part('more-layers').disabled}`, newPoints: part('new-points').hidden,
    offer: part('offer').hidden ? 'none' : part('offer').textContent,
    hidden: [...part('data').children].filter(({ hidden }) => hidden).map(({ dataset }) => dataset.path),
    unused: [...root.querySelectorAll('.unused')].map(({ dataset }) => dataset.path) });
  const board = begin();
  board.show();
  looks.board = { opened: state(board) };
  const step = (name, act) => {
    act();
    const before = looks.board.last ?? {};
    const now = state(board);
    looks.board.last = now;
    looks.board[name] = Object.fromEntries(Object.entries(now).filter(([key, value]) =>
      key === 'told' || JSON.stringify(value) !== JSON.stringify(before[key])));
  };
  step('other points', () => press(part('new-points')));
  step('a feature more', () => board.feature('x1*x2'));
  step('a feature less', () => board.feature('x1'));
  step('before others', () => board.feature('x1'));
  for (const name of ['x1', 'x2', 'x1*x2']) step(`without ${name}`, () => board.feature(name));
  step('another set, of a built network', () => board.choose('spirals', {}));
  step('taken', () => press(part('offer').querySelector('button')));
  for (const k of [3, 4]) step(`${k} layers`, () => press(part('more-layers')));
  for (const k of [3, 2, 1, 0]) step(`to ${k} layers`, () => press(part('fewer-layers')));
  step('one of no other', () => press(part('more-layers')));
  step('two classes', () => board.set({ 'dataset.classes': 2, 'network.outputs': 'one_logit' }));
  step('three classes', () => board.set({ 'dataset.classes': 3 }));
  step('momentum', () => board.set({ 'training.optimizer': 'sgd', 'training.momentum': 0.9 }));
  step('no momentum', () => board.set({ 'training.optimizer': 'adam' }));
  step('momentum again', () => board.set({ 'training.optimizer': 'sgd', 'training.momentum': 0.8 }));
  step('none with AdamW', () => board.set({ 'training.optimizer': 'adamw' }));
  step('Adam', () => board.set({ 'training.optimizer': 'adam' }));
  step('stopped early', () => board.set({ 'training.early_stopping.on': 'validation' }));
  step('later', () => board.set({ 'training.early_stopping.patience': 7 }));
  step('on test points', () => board.set({ 'training.early_stopping.on': 'test' }));
  step('not at all', () => board.set({ 'training.early_stopping.on': 'off' }));
  step('own points', () => board.choose('points', { points: [[1, 2, 0], [3, 4, 1]], samples: 2,
    classes: 2, class_names: ['ill', 'well'] }));
  step('others of them', () => board.ownPoints({ points: [[1, 2, 0]], samples: 1, classes: 3 }));
  step('usual ones', () => board.take(settings.usual));
  step('circles', () => board.choose('circles', {}));
  step('noise alone', () => board.set({ 'dataset.noise': 0.3 }));
  step('a config of points', () => board.take({ ...settings.usual,
    dataset: { ...settings.usual.dataset, noise: 3 } }));
  step('a config of a network', () => board.take({ ...settings.usual,
    network: { ...settings.usual.network, widths: [3] } }));
  step('the network that is set already', () => {
    board.set(settings.sets.moons.recipe);
    board.choose('moons', {});
  });
  step('as wide as the last, and no wider than eight', () => {
    for (const widths of [[12, 3], [12]]) {
      board.set({ 'network.widths': widths });
      press(part('more-layers'));
    }
  });
  step('the usual once more', () => board.take(settings.usual));
  step('points and a network', () => board.set({ 'dataset.noise': 0.2, 'network.dropout': 0.1 }));
  step('half of what is offered', () => {
    const [[path, value]] = Object.entries(settings.sets.spirals.recipe);
    board.set({ [path]: value, 'network.widths': [2] });
    board.choose('spirals', {});
  });
  step('a config of both', () => board.take({ ...settings.usual, dataset: { ...settings.usual.dataset,
    noise: 3 }, network: { ...settings.usual.network, widths: [3] } }));
  step('the usual at last', () => board.take(settings.usual));
  step('own points beside the usual network', () => board.ownPoints({ points: [[1, 2, 0]], samples: 1 }));
  step('points of the last seed', () => {
    board.take({ ...settings.usual, dataset: { ...settings.usual.dataset, seed: 2 ** 31 - 1 } });
    press(part('new-points'));
  });
  delete looks.board.last;

  const sliders = () => [...part('data').children].map((field) => {
    const { min, max, step: by, value } = field.querySelector('input');
    return `${field.dataset.path} ${min} ${max} ${by} ${value}`;
  });
  looks.ranges = Object.fromEntries(['blobs', 'circles', 'points', 'xor'].map((name) => {
    board.choose(name, { points: [], samples: 0, classes: 2 });
    return [name, sliders()];
  }));
  board.moved.add('training.learning_rate');
  board.show();
  looks.moved = [...root.querySelectorAll('.moved')].map(({ dataset }) => dataset.path);

  // What is wrong stands where its exact value is typed.
  const wrong = begin();
  wrong.show();
  looks.wrong = [{ 'training.learning_rate': 'too fast', 'dataset.noise': 'too loud', '': 'no room' },
    { 'network.activation': 'no such' }, { 'training.l1': 'too much', 'training.l2': 'more' },
    { 'network.widths': 'too wide' }, {}].map((errors) => {
    const left = wrong.complain(errors);
    return [left, part('more-fold').open, [...root.querySelectorAll('.wrong-value')]
      .filter(({ hidden }) => !hidden).map((p) => `${p.closest('.sliders, .more-grid, .settings, .shape')
        .dataset.part} ${p.textContent}`)];
  });
  part('more-fold').open = false;
  wrong.complain({ 'dataset.noise': 'too loud' });
  looks.wrong.push(part('more-fold').open);

  // What differs, in words.
  const differs = begin();
  const words = (values, shown = settings.usual) => {
    differs.take(settings.usual);
    differs.set(values);
    return differs.differences(shown);
  };
  const usual = settings.usual.dataset;
  const live = Object.fromEntries(['training.learning_rate', 'training.momentum', 'training.weight_decay',
    'training.l1', 'training.l2', 'network.dropout', 'training.batch_size'].map((path, k) => [path, k + 2]));
  looks.live = liveChanges(settings.usual, withValues(settings.usual, { ...live, 'training.epochs': 9 }));
  looks.differences = { none: words({}), live: words(live), told: words({
    'training.epochs': 3, 'training.changes': [{ epoch: 1 }], 'training.record_every': 5 }),
    noise: words({ 'dataset.noise': 0.3, 'dataset.balance': 0.25, 'dataset.label_noise': 0.125 }),
    ring: words({ 'dataset.factor': 0.5 }),
    seeds: words({ 'dataset.seed': 3, 'training.seed': 4 }),
    network: words({ 'network.widths': [], 'network.activation': 'tanh', 'network.start': 'he' }),
    trained: words({ 'training.optimizer': 'adam', 'training.members': 12,
      'training.test_share': 0.4, 'training.early_stopping.on': 'test' }),
    points: words({ 'dataset.points': [[1, 1, 1]] }), features: words({ 'dataset.features': ['x1'] }),
    'as many features': words({ 'dataset.features': ['x1', 'x1*x2'] }),
    'as many names': words({ 'dataset.class_names': ['a', 'b'] }, { ...settings.usual, dataset: { ...usual,
      class_names: ['a', 'c'] } }),
    data: words({ dataset: { ...usual, name: 'moons', noise: 0.1, features: ['x1', 'x2', 'x1^2'] },
      'network.widths': [3, 2] }),
    names: words({ 'dataset.class_names': ['a', 'b'] }), other: words({ 'network.odd': 1234 }) };
  return looks;
}
