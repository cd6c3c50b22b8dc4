// The page's address, its tabs, whether somebody looks at it, and how wide it is.
async ({ html, settings }) => {
  const narrow = new EventTarget();
  narrow.matches = false;
  const asked = [];
  window.matchMedia = (query) => {
    asked.push(query);
    return narrow;
  };
  const { Address } = await load('playground/window/address');
  const { followTabs } = await load('playground/window/tabs');
  const { followPresence } = await load('playground/window/presence');
  const { followLayout } = await load('playground/window/layout');
  const { Borrowed } = await load('playground/exercises/borrowed');
  const looks = {};
  const { pathname } = location;
  const go = (search) => history.replaceState(null, '', `${pathname}${search}`);
  const root = build(`<div>${html}</div>`).querySelector('.playground');
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const told = [];
  const answers = [];
  const usual = settings.usual;
  const trained = (values) => ({ ...usual, training: { ...usual.training, ...values } });
  const stage = { root, part, settings: { ...settings, space: 'me/space' }, draft: null, wrong: false, until: 5,
    place: 'place', board: { config: usual, take: (config) => told.push(['take', config.training.epochs]) },
    playing: { busy: false, reached: 0, pause: () => told.push('pause'), play: () => told.push('play'),
      settled: async () => told.push('settled') },
    keeping: { ask: async (kind, about) => {
      told.push([kind, about]);
      return answers.shift() ?? {};
    } },
    server: { ask: async (kind, about) => {
      told.push([kind, about]);
      return answers.shift();
    } },
    tell: (text) => told.push(['tell', text]), look: async (about) => told.push(['look', about, stage.until, stage.place]),
    draw: () => told.push('draw'), preview: async (about, over) => told.push(['preview', about.preview, over]) };
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: async (text) =>
    told.push(['copied', text.replace(location.host, 'host')]) } });
  const rest = async () => {
    for (let k = 0; k < 12; k += 1) await Promise.resolve();
  };
  const here = () => `${location.search}${location.hash}`;

  go('?dataset.name=moons&__theme=dark&tab=heart&hide=data#patient');
  const address = new Address(stage);
  looks.hides = part('hides');
  looks.addresses = [];
  for (const [query, ran, hidden] of [['dataset.noise=1'], ['', true], ['training.epochs=7', true],
    ['network.widths=[3]', false, 'data more']]) {
    if (hidden) root.dataset.hidden = hidden;
    address.show(query, ran);
    looks.addresses.push([here(), address.ran(), sessionStorage.getItem('playground-ran'),
      address.until(trained({ epochs: 7 }))]);
  }
  go('?training.epochs=9');
  looks.addresses.push([address.ran(), address.until(trained({ epochs: 9 })), (go('?training.epochsx=9'),
  address.until(usual))]);
  go('');
  address.show('');
  looks.addresses.push(here());
  history.replaceState({ of: 'another' }, '');
  address.show('dataset.noise=2');
  looks.addresses.push([here(), history.state]);
  address.hide(['network', 'more']);
  looks.hidden = [root.dataset.hidden, address.hides.filter(({ checked }) => checked).map(({ value }) => value)];
  go('?tab=playground&__sign=secret&dataset.name=xor');
  answers.push({ query: 'dataset.name=xor&hide=network,more' }, {});
  for (let k = 0; k < 2; k += 1) {
    press(part('copy'));
    await rest();
    told.push([part('link').hidden, part('link').value.replace(location.host, 'host'),
      part('link').selectionEnd === part('link').value.length]);
  }
  const wrong = [];
  window.addEventListener('unhandledrejection', ({ reason }) => wrong.push(reason.message));
  for (const writeText of [async () => { throw new Error('refused'); }, null]) {
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: writeText ? { writeText } : undefined });
    press(part('copy'));
    await rest();
    await new Promise((done) => { setTimeout(done); });
    told.push(['not copied', ...wrong.splice(0)]);
  }
  looks.copied = told.splice(0);
  go('?training.epochs=12');
  answers.push({ config: null }, { config: trained({ epochs: 12 }) }, { config: trained({ seed: 3, epochs: 12 }),
    preview: 'new' }, { config: trained({ learning_rate: 3, epochs: 12 }), preview: 'other' });
  for (let k = 0; k < 4; k += 1) {
    stage.until = 5;
    await address.restore();
    told.push(['until', stage.until]);
  }
  looks.restored = told.splice(0);

  // Tabs.
  go('?x=1');
  const tabs = document.createElement('div');
  tabs.innerHTML = ['playground', 'heart', 'capstone', 'other'].map((name) => `<button role="tab" data-tab-id="${
    name}" aria-selected="${name === 'playground'}"><b>${name}</b></button>`).join('');
  document.body.append(tabs);
  tabs.addEventListener('click', ({ target }) => {
    const tab = target.closest('[role=tab]');
    told.push(['pressed', tab.dataset.tabId, location.search]);
    for (const one of tabs.children) one.setAttribute('aria-selected', one === tab);
  });
  let length = history.length;
  const note = (what) => {
    looks.tabs.push([what, here(), history.length - length, ...told.splice(0)]);
    length = history.length;
  };
  looks.tabs = [];
  followTabs(() => told.push('back'));
  note('opened');
  press(tabs.querySelector('[data-tab-id=capstone]'));
  note('the first press');
  go('?tab=heart&x=1');
  tabs.querySelector('[data-tab-id=capstone]').setAttribute('aria-selected', false);
  followTabs(() => {});
  note('opened at another');
  for (const name of ['capstone', 'capstone', 'playground', 'other', 'heart']) {
    press(tabs.querySelector(`[data-tab-id=${name}] b`));
    note(name);
  }
  press(document.body);
  note('elsewhere');
  const popped = (search, hash = '') => {
    history.replaceState(null, '', `${pathname}${search}${hash}`);
    window.dispatchEvent(new PopStateEvent('popstate'));
    note(`popped ${search}${hash}`);
  };
  popped('?tab=heart&x=1');
  popped('?tab=heart&x=1', '#patient=1');
  popped('?tab=heart&x=1');
  popped('?x=1', '#patient=1');
  popped('?tab=odd"name');
  popped('?tab=capstone');

  // Seen or not.
  followPresence(stage);
  looks.presence = [];
  let hidden = false;
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  const look = (is, about = {}) => {
    Object.assign(stage, { draft: null, wrong: false, ...about });
    stage.playing.busy = about.busy ?? false;
    hidden = is;
    document.dispatchEvent(new Event('visibilitychange'));
    looks.presence.push([is, Object.keys(about).join(), stage.until, told.splice(0)]);
  };
  look(true, { until: 5 });
  look(false);
  look(true, { busy: true, until: 7 });
  stage.until = null;
  look(false);
  look(false);
  for (const about of [{ busy: true }, { draft: {} }, { wrong: true }]) {
    look(true, { busy: true, until: 9 });
    look(false, { ...about, until: 1 });
    look(false);
  }

  // Wide and narrow.
  const where = () => [part('data-fold').open, part('live').parentElement.className, part('live')
    .nextElementSibling?.dataset.part ?? 'last', root.style.getPropertyValue('--vh')];
  narrow.matches = true;
  followLayout(stage);
  looks.layout = [where()];
  for (const is of [false, true, false, true]) {
    narrow.matches = is;
    narrow.dispatchEvent(new Event('change'));
    looks.layout.push(where());
  }
  looks.asked = asked;
  await new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
  looks.layout.push(told.splice(0));
  stage.colours = 'colours';
  document.body.classList.add('dark');
  await rest();
  looks.theme = [stage.colours, told.splice(0)];
  document.body.className = '';
  stage.draw = () => {};

  // In a frame as high as its content.
  const inner = document.createElement('iframe');
  document.body.append(inner);
  const framed = await inner.contentWindow.eval(`import('${location.origin}${base}/playground/window/layout.js')`);
  inner.contentDocument.body.innerHTML = html;
  const within = inner.contentDocument.querySelector('.playground');
  looks.framed = [700, 1200].map((high) => {
    Object.defineProperty(inner.contentWindow.screen, 'availHeight', { configurable: true, value: high });
    framed.followLayout({ root: within, part: (name) => within.querySelector(`[data-part="${name}"]`), draw: () => {} });
    return within.style.getPropertyValue('--vh');
  });
  inner.remove();

  // In a page of the Hub, whose address follows.
  const outer = document.createElement('iframe');
  outer.src = `${pathname}?__sign=secret&a=1#patient=3`;
  await new Promise((done) => {
    outer.onload = done;
    document.body.append(outer);
  });
  looks.outer = [];
  window.postMessage = (...given) => looks.outer.push(given);
  const there = outer.contentWindow;
  there.document.body.innerHTML = `${html}${tabs.outerHTML}`;
  const within2 = there.document.querySelector('.playground');
  const of = (name) => there.eval(`import('${location.origin}${base}/playground/window/${name}.js')`);
  (await of('tabs')).followTabs(() => looks.outer.push('back'));
  there.document.querySelector('[data-tab-id=heart]').click();
  there.dispatchEvent(new PopStateEvent('popstate'));
  const framedAddress = new (await of('address')).Address({ root: within2, settings, part: (name) =>
    within2.querySelector(`[data-part="${name}"]`) });
  framedAddress.show('dataset.noise=1');
  delete window.postMessage;
  outer.remove();
  const text = await (await fetch(`${base}/playground/window/hub_frame.js`)).text();
  const share = Function('window', 'document', `${text.replaceAll('export ', '')}\nreturn placeToShare('me/space');`);
  const hub = 'https://huggingface.co';
  looks.shared = [[[hub], ''], [[hub, 'https://other'], 'https://other/'], [['https://other', hub], `${hub}/`], [undefined, `${hub}/`],
    [undefined, hub], [undefined, `${hub}/spaces/`], [undefined, 'https://other/'], [undefined, '']].map(([above, from]) => share({
    parent: null, location: { origin: 'http://here', pathname: '/app/', ancestorOrigins: above } }, { referrer: from }));

  // What is lent by an exercise, and the way back.
  sessionStorage.clear();
  const config = (name, values) => ({ ...usual, dataset: { ...usual.dataset, name }, training: { ...usual.training,
    ...values } });
  looks.lent = [];
  const kept = () => (JSON.parse(sessionStorage.getItem('playground-mine')) ?? []).map((one) =>
    `${one.config.dataset.name} ${one.config.training.epochs} ${one.ran}`).join(', ');
  stage.board.take = (one) => {
    told.push(['take', one.dataset.name]);
    stage.board.config = one;
  };
  const borrowed = new Borrowed(stage);
  looks.lent.push(['at first', part('exercise-back').hidden, kept()]);
  const lend = async (what, detail, about = {}) => {
    Object.assign(stage, { place: 'place', until: 'before', ...about });
    if (detail) window.dispatchEvent(new CustomEvent('playground-config', { detail }));
    else press(part('exercise-back'));
    for (let k = 0; k < 3; k += 1) await rest();
    looks.lent.push([what, part('exercise-back').hidden, kept(), ...told.splice(0)]);
  };
  stage.board.config = config('mine', { epochs: 11 });
  await lend('lent', { config: config('one', { epochs: 20 }) });
  await lend('lent again', { config: config('two', { epochs: 30 }), play: true });
  stage.playing.reached = 4;
  answers.push({ config: config('two', { epochs: 4, seed: 9 }) });
  await lend('after a change', { config: config('three', { epochs: 40 }) });
  answers.push({ config: config('three', { epochs: 44 }) });
  await lend('run on', { config: config('four', {}) });
  answers.push({});
  await lend('not answered', { config: config('five', {}) });
  stage.draft = {};
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    stage.board.config = config(name, {});
    await lend(`of ${name}`, { config: config('lent', {}) });
  }
  stage.draft = null;
  stage.playing.reached = 0;
  for (let k = 0; k < 6; k += 1) await lend('back', null);
  stage.board.config = config('lent', {});
  await lend('lent what was taken before', { config: config('lent', {}) });
  const detail = {};
  window.dispatchEvent(new CustomEvent('playground-present', { detail }));
  const { config: here2, ran } = await detail.present;
  looks.present = [here2.dataset.name, ran];
  stage.playing.reached = 3;
  answers.push({ config: 'as it ran' }, {});
  looks.present.push(await borrowed.present(), (await borrowed.present()).config.dataset.name);
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  stage.playing.reached = 0;
  stage.board.config = config('kept nowhere', {});
  await lend('the browser keeps nothing', { config: config('lent', { epochs: 2 }) });
  address.show('dataset.noise=4', true);
  looks.full = [here(), address.ran()];
  Storage.prototype.setItem = setItem;
  looks.recalled = ['no', '[{}]', '{}', '[]', 'null', '[{"config":{"training":{}},"ran":false}]'].map((text) => {
    sessionStorage.setItem('playground-mine', text);
    const { own, button } = new Borrowed(stage);
    return [own.length, button.hidden];
  });
  sessionStorage.clear();
  go('');
  return looks;
}
