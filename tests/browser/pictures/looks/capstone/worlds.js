// The section of worlds, told of worlds that nobody drew: pressed, played, left, given up.
async ({ html, style, rules, fields, summaries, details, briefs, none, grown, row }) => {
  const observers = [];
  window.ResizeObserver = class {
    constructor(call) {
      this.targets = [];
      observers.push({ call, targets: this.targets });
    }

    observe(target) {
      this.targets.push(target);
    }
  };
  const resize = () => {
    for (const { call, targets } of observers) call(targets.map((target) => ({ target })));
  };
  const { start } = await load('capstone/worlds/worlds');
  const looks = {};
  document.body.innerHTML = `<style>#host { ${style} } #host { width: 1100px }</style><div id="host">${html}</div>`;
  const root = document.querySelector('.worlds');
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const timers = [];
  const begun = (call, wait) => timers.push({ call, wait });
  const timed = (...waits) => timers.filter(({ call, wait }) => call && waits.includes(wait));
  window.setTimeout = begun;
  window.setInterval = begun;
  window.clearInterval = (id) => { if (timers[id - 1]) timers[id - 1].call = null; };
  let calm = true;
  window.matchMedia = (query) => ({ matches: calm && query === '(prefers-reduced-motion: reduce)' });
  const wrong = [];
  window.reportError = (error) => wrong.push(String(error));
  const Inflating = window.DecompressionStream;
  let pending = 0;
  window.DecompressionStream = function Counted(kind) {
    const { readable, writable } = new Inflating(kind);
    pending += 1;
    const reader = readable.getReader();
    return { writable, readable: { getReader: () => ({ async read() {
      const got = await reader.read();
      if (got.done) pending -= 1;
      return got;
    } }) } };
  };
  const settle = async () => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(0);
      });
      if (pending) quiet = -1;
    }
  };
  const asked = [];
  let wants = [];
  let number = 0;
  const props = { value: '', judged: '', live: '' };
  const trigger = (name, about) => {
    asked.push([name, structuredClone(about)]);
    if (name === 'want') wants.push(structuredClone(about));
  };
  const text = (about) => JSON.stringify({ sequence: number += 1, ...about });
  const send = async (name, about) => {
    props[name] = text(about);
    tell();
    tell();
    await settle();
  };
  const serve = async (most = 99) => {
    await settle();
    for (let i = 0; i < most && wants.length; i += 1) {
      const [{ rule, worlds, whole, brief }] = wants.splice(0, 1);
      await send('value', { rule, ...(whole && { summary: summaries[rule] }),
        worlds: worlds.map((k) => (brief ? briefs : details)[k]) });
    }
  };
  const tell = start({ element: document.querySelector('#host'), props, trigger }, { rules, fields });
  const see = (name) => {
    const { rule, world, drawn, epoch, state, phase, stale, waiting } = root.dataset;
    looks[name] = [{ rule, world, drawn, epoch, state, phase, stale, waiting }, ...['world', 'of', 'epoch',
      'run', 'status', 'draw-text', 'more', 'trouble', 'budget-sub', 'reliability-title', 'size-value'].map((one) =>
      `${one}: ${part(one).textContent}`), ...['more', 'settings', 'anew', 'progress'].map((one) =>
      `${one} ${part(one).hidden}`), part('save').disabled, part('play').getAttribute('aria-label'),
    part('play').querySelector('path').getAttribute('d'), timed(260).length,
    [...root.querySelectorAll('.column:has(.picture)')].map((column) => [column.querySelector('.note').textContent,
      ...['region', 'best'].map((one) => column.querySelector(`[data-mark=${one}]`).getAttribute('d')
        ?.slice(0, 30) ?? 'none'),
      column.querySelector('[data-mark=others]').children.length,
      column.querySelector('[data-mark=points]').children.length,
      column.querySelector('[data-mark=points]').style.display,
      column.querySelector('.values').textContent,
      ['aria-valuenow', 'aria-valuemax', 'aria-valuetext'].map((one) =>
        column.querySelector('.strip-of-worlds').getAttribute(one)),
      column.querySelectorAll('.strip-of-worlds circle.fresh').length,
      [...column.querySelectorAll('.strip-of-worlds text')].at(-1)?.textContent ?? 'none']),
    asked.splice(0)];
  };
  const press = async (...names) => {
    for (const name of names) (part(name) ?? root.querySelector(name)).click();
    await settle();
  };
  const key = (place, name) => [...root.querySelectorAll(place)].at(-1)
    .dispatchEvent(new KeyboardEvent('keydown', { key: name }));
  const tick = (wait, times = 1) => {
    for (let i = 0; i < times; i += 1) for (const { call } of timed(wait)) call();
  };
  const choose = async (rule) => {
    part('rule').value = rule;
    part('rule').dispatchEvent(new Event('change'));
    await settle();
  };

  see('before any answer');
  await press('play');
  see('nothing plays yet');
  await serve();
  resize();
  await send('value', { rule: 'few', worlds: [details[1]] }); // nobody asked about it
  looks.tabs = lines(part('tabs'));
  const scrolled = [];
  Element.prototype.scrollIntoView = function into(about) { scrolled.push([this.dataset.network, about]); };
  for (const tab of part('tabs').children) tab.click();
  const wide = root.querySelector('.column').offsetWidth + 12;
  for (const far of [0, 0.49, 0.51, 1.49, 1.51, 2]) {
    Object.defineProperty(part('columns'), 'scrollLeft', { value: far * wide, configurable: true });
    part('columns').dispatchEvent(new Event('scroll'));
    scrolled.push([far, ...[...part('tabs').children].map((tab) => tab.getAttribute('aria-pressed'))]);
  }
  looks.scrolled = scrolled;
  looks.rules = lines(part('rule'));
  see('opened');
  await press('draw');
  see('drawn');
  await serve();
  await press('play');
  see('played');
  tick(260, 2);
  see('two epochs later');
  key('.plots', 'ArrowLeft');
  see('looked at while it plays');
  await press('play');
  await press('draw');
  await serve();
  see('drawn while it plays');
  await press('play');
  tick(260, 3);
  see('at its last epoch');
  tick(260);
  see('it has ended');
  await press('play', 'play');
  see('paused');
  key('.strip-of-worlds', 'Home');
  await serve();
  see('the first world');
  for (const show of ['points', 'best', 'others', 'regret']) {
    await press(`[data-show=${show}]`);
    see(`${show} pressed`);
  }
  looks.toggles = [...root.querySelectorAll('[data-show]')].map((one) => one.getAttribute('aria-pressed'));
  await press('[data-show=others]', '[data-show=regret]');
  await press('play', 'more');
  see('more, with little motion');
  await serve();
  see('all of them');
  const saved = saves();
  await press('save');
  looks.saved = await saved.told();
  await press('draw');
  see('another is trained');
  await send('live', { rule: 'lesson', phase: 'training', share: 0.5, text: 'Epoch 5', pile: 'a', world: 5 });
  see('it trains');
  // Of a rule with more worlds, one after the other.
  calm = false;
  await choose('hard');
  see('of another rule');
  await choose('lesson');
  await send('value', { rule: 'lesson', worlds: [] });
  await serve();
  see('left before it was answered');
  await choose('hard');
  await send('value', { rule: 'hard', error: 'It is gone.' });
  wants.length = 0;
  await press('draw');
  see('asked for again');
  key('.strip-of-worlds', 'Home');
  await serve();
  see('of another rule, answered');
  await press('more');
  see('more');
  await serve(1);
  const turn = async () => {
    const due = timed(140);
    timers.length = 0;
    for (const { call } of due) call();
    await settle();
  };
  await turn();
  see('one of many');
  await serve();
  see('another is not shown before its time');
  const shown = [];
  for (let i = 0; i < 20; i += 1) {
    await turn();
    shown.push(`${root.dataset.world} ${root.dataset.drawn} ${part('reliability-title').textContent}`);
  }
  await serve();
  looks['many worlds'] = shown;
  see('twenty more');
  await press('draw');
  await serve();
  see('one more');
  await choose('few');
  await serve();
  await press('more');
  await serve();
  await turn();
  key('.strip-of-worlds', 'ArrowLeft');
  await turn();
  await serve();
  see('looked back while they are drawn');
  await choose('lesson');
  see('the first rule again');
  await choose('hard');
  key('.strip-of-worlds', 'End');
  see('on its way');
  await serve();
  await choose('none');
  await send('value', { rule: 'none', error: 'There is no record.' });
  wants.length = 0;
  see('no record');
  await choose('hard');
  see('as it was');

  // A visitor's own rule.
  await press('play');
  await choose('hard');
  see('chosen once more');
  await choose('own');
  see('own');
  const box = part('settings').querySelector('input');
  const write = async (value) => {
    box.value = value;
    box.dispatchEvent(new Event('change'));
    await settle();
  };
  await write('5');
  see('written');
  await send('judged', { wrong: { field: box.dataset.key, text: 'Too few.', shown: true } });
  looks.wrong = [lines(part('settings')).filter((line) => /wrong/.test(line)), part('trouble').textContent];
  await send('judged', { wrong: { field: 'x', text: 'Elsewhere.', shown: false } });
  looks.wrong.push(part('trouble').textContent);
  await send('judged', { wrong: null });
  looks.wrong.push(part('trouble').textContent);
  await write('300');
  await press('draw');
  see('begun');
  const about = { rule: 'own', pile: 'one', world: 0 };
  await send('live', { ...about, phase: 'waiting', text: 'Waiting…', summary: { ...none, pile: 'one', rule: 'own' } });
  see('waits');
  await send('live', { ...about, phase: 'training', share: 0.2, text: 'It trains.', grown });
  see('it grows');
  key('.plots', 'Home');
  await send('live', { ...about, phase: 'training', share: 0.3, text: 'It trains.', grown });
  see('looked at its beginning as it grows');
  await send('live', { ...about, phase: 'done', share: 1, text: '', detail: details[0], row });
  see('trained');
  await write('7');
  see('written anew');
  await write('300');
  see('as it was before');
  timers.length = 0;
  performance.now = () => 1e9;
  await press('draw');
  await send('live', { ...about, world: 1, phase: 'training', share: 0.1, text: 'It trains.', grown });
  see('a second grows');
  const dot = root.querySelector('.strip-of-worlds circle');
  const strips = [];
  for (const share of [0.2, 0.3]) {
    await send('live', { ...about, world: 1, phase: 'training', share, text: 'It trains.', grown });
    strips.push(dot.isConnected);
  }
  looks['strips stay while it grows'] = strips;
  await choose('lesson');
  see('left');
  await send('judged', { wrong: { field: box.dataset.key, text: 'Too few.', shown: true } });
  looks.wrong.push(part('trouble').textContent);
  await choose('own');
  see('own again');
  await write('7');
  await choose('lesson');
  await choose('own');
  see('own again, by another rule');
  document.querySelector('#host').style.width = '700px';
  resize();
  looks.narrower = [lines(part('budget')).slice(0, 1), [...root.querySelectorAll('.plot')].map((one) =>
    one.getAttribute('viewBox'))];
  looks.errors = wrong;
  return looks;
}
