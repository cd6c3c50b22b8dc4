// The lesson's panel above tabs: which step is asked for, what is told, and what is kept.
async ({ html }) => {
  const looks = {};
  const pass = clock(200);
  localStorage.clear();
  sessionStorage.clear();
  const home = location.pathname;
  const step = (key, tab, more = {}) => ({ key, title: `Title of ${key}`, tab, core: false, ...more });
  const steps = [step('p1', 'playground'), step('p2', 'playground', { core: true }),
    step('p3', 'playground'), step('h1', 'heart', { core: true }), step('h2', 'heart'),
    step('c1', 'capstone', { core: true })];
  const goals = { playground: 'To play.', heart: 'To judge.', capstone: 'To compare.' };
  const asked = (key, n, more = {}) => ({ n, key, ...steps.find((one) => one.key === key),
    ask: `What of ${key}?`, chips: ['data'], terms: {}, exhibit: null, picture: null, scale: null,
    rows: [], options: ['yes', 'no'], place: '', config: null, on_own: false, ...more });
  const answer = (n, more = {}) => ({ n, verdict: 'right', because: [], told: ['It is so.'],
    exhibit: null, now: 'Try it.', code: '', ...more });
  const { start } = await load('guide/panel');
  const RealDate = Date;
  window.Date = class extends RealDate { constructor() { super('2026-03-05T12:00:00Z'); } };
  const heard = [];
  window.addEventListener('playground-config', ({ detail }) =>
    heard.push(`config ${JSON.stringify(detail)}`));
  let present = null;
  window.addEventListener('playground-present', ({ detail }) => {
    heard.push('present');
    detail.present = present;
  });
  HTMLElement.prototype.focus = function focused(about) {
    heard.push(`focus on ${this.dataset.part}, ${JSON.stringify(about)}`);
  };
  let root = null;
  let tell = null;
  let props = null;
  let before = [];
  const listeners = [];
  const listen = document.addEventListener.bind(document);
  document.addEventListener = (...about) => {
    listeners.push(about);
    listen(...about);
  };
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const look = async (name) => {
    await pass();
    const [now, news] = changed(root, before);
    before = now;
    looks[name] = [...heard.splice(0), `kept ${localStorage.getItem('lesson-answers')}, now `
      + `${sessionStorage.getItem('lesson-now')}, tab `
      + `${document.querySelector('[aria-selected=true]')?.dataset.tabId}, covered `
      + `${[...document.querySelectorAll('[inert]')].map(({ id }) => id)}`, ...news];
  };
  const begin = async (name, search = '') => {
    history.replaceState(null, '', `${home}${search}`);
    const tabs = ['playground', 'heart', 'capstone'].map((id, i) =>
      `<button role="tab" data-tab-id="${id}" aria-selected="${!i}">${id}</button>`).join('');
    document.body.innerHTML = `${tabs}<div id="world">world</div><div id="home">${html}</div>`;
    for (const tab of document.querySelectorAll('[role=tab]')) {
      tab.addEventListener('click', () => {
        for (const one of document.querySelectorAll('[role=tab]')) {
          one.setAttribute('aria-selected', String(one === tab));
        }
      });
    }
    root = document.querySelector('.guide');
    props = { value: null, told: null };
    for (const about of listeners.splice(0)) document.removeEventListener(...about);
    tell = start({ element: document.querySelector('#home'), props, trigger: (about, data) =>
      heard.push(`${about} ${JSON.stringify(data)}`) }, { steps, goals });
    await look(name);
  };
  const say = async (name, about) => {
    for (const [key, value] of Object.entries(about)) props[key] = JSON.stringify(value);
    tell();
    await look(name);
  };
  const press = async (name, ...parts) => {
    for (const one of parts) (part(one) ?? root.querySelector(one)).click();
    await look(name);
  };
  const said = async (name, k) => {
    root.querySelectorAll('[name=guide-answer-0]')[k].checked = true;
    part('form').dispatchEvent(new Event('submit', { cancelable: true }));
    await look(name);
  };
  const tab = async (name, id) => {
    document.querySelector(`[data-tab-id=${id}]`).click();
    await look(name);
  };

  await begin('begun');
  await press('opened', 'open');
  await say('an answer to what was not asked', { value: asked('p1', 0) });
  await say('asked', { value: asked('p1', 1, { config: { seed: 3 } }) });
  root.querySelectorAll('[name=guide-answer-0]')[1].checked = true;
  await say('asked again', {});
  looks['asked again'].push(`chosen ${root.querySelector('[name=guide-answer-0]:checked')?.value}`);
  await said('committed', 0);
  await say('an answer to the one before', { told: answer(1) });
  await say('answered', { told: answer(2) });
  await say('answered twice', { told: answer(2) });
  await press('the next', 'next');
  await press('shown too early', 'show');
  await say('no such step', { value: { n: 3, error: 'There is none.' } });
  await say('the second is asked', { value: asked('p2', 3, { on_own: true, config: { seed: 4 } }) });
  present = Promise.resolve({ config: { own: 1 }, ran: false });
  await said('committed without an own run', 1);
  await say('it cannot be measured', { told: { n: 4, error: 'It broke.' } });
  present = Promise.resolve({ config: { own: 1 }, ran: true });
  await said('committed with an own run', 1);
  await say('undecided', { told: answer(5, { verdict: 'undecided', told: ['So', 'so.'] }) });
  let release = null;
  present = new Promise((done) => { release = done; });
  part('again').click();
  await said('waiting for the own run', 0);
  await press('left meanwhile', '[data-key=h1]');
  release({ config: {}, ran: true });
  await look('it comes too late');
  await say('the third tab', { value: asked('h1', 7, { place: '#world' }) });
  present = undefined;
  await say('no playground', { value: asked('h1', 7, { on_own: true }) });
  await said('committed without a playground', 0);
  await say('only shown', { told: answer(8, { verdict: 'shown' }) });
  await press('all steps', 'all');
  await press('no longer', 'all');
  await press('to a covered place', '[data-key=c1]');
  await say('covered', { value: asked('c1', 9, { place: '#world' }) });
  await press('shown', 'show');
  await say('uncovered', { told: answer(10, { verdict: 'shown' }) });
  await press('after the last', 'next');
  await tab('another tab by hand', 'heart');
  await press('that tab is begun', 'open');
  await tab('and left for another', 'playground');
  await tab('and another with an open step', 'capstone');
  await say('the third of them, asked', { value: asked('c1', 13) });
  await said('committed, and closed meanwhile', 0);
  await press('closed', 'close');
  await say('told once it is closed', { told: answer(14) });
  await say('closed before it is asked', { value: asked('c1', 14) });

  const copied = [];
  let allowed = true;
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => {
    if (!allowed) throw new Error('no');
    copied.push(...text.replace(location.origin, '').split('\n'));
  } } });
  const copy = async (name) => {
    part(name).click();
    await pass();
    copied.push(`${name}: ${part('done').textContent.replace(location.origin, '')} link `
      + `${part('link').hidden} ${part('link').value.replace(location.origin, '')}`);
  };
  await copy('copy-answers');
  await copy('copy-link');
  for (const key of ['p2', 'h1']) root.querySelector(`[value=${key}]`).checked = true;
  await copy('copy-link');
  part('alone').checked = true;
  allowed = false;
  await copy('copy-link');
  for (const key of ['p2', 'h1']) root.querySelector(`[value=${key}]`).checked = false;
  await copy('copy-link');
  allowed = true;
  looks.copied = copied;
  await press('the short way', 'short');
  await press('forgotten', 'forget');
  await copy('copy-answers');

  await begin('a step that was open', '');
  await begin('a link', '?lesson=p3,h2,zz,yy');
  await say('a link, asked', { value: asked('p3', 1) });
  await press('beside the link', '[data-key=p1]');
  await say('beside the link, asked', { value: asked('p1', 2) });
  await press('after what is not in the link', 'next');
  await press('closed as it is asked', 'open');
  await tab('a tab of which the link has none', 'capstone');
  sessionStorage.setItem('lesson-now', 'zz');
  await begin('a step that there is no more', '');
  localStorage.setItem('lesson-answers', JSON.stringify(Object.fromEntries(steps.map(({ key }) =>
    [key, { verdict: 'wrong', words: '', told: [], on: '' }]))));
  sessionStorage.removeItem('lesson-now');
  await begin('all done', '');
  await press('looked at again', 'open');
  await press('asked about an own run', '[data-key=p2]');
  await say('an own run is asked about', { value: asked('p2', 2, { on_own: true }) });
  present = new Promise((done) => { release = done; });
  await said('waiting for it', 0);
  await press('the same step again', '[data-key=p2]');
  release({ config: {}, ran: true });
  await look('the own run comes too late');
  await press('it is asked about again', '[data-key=p2]');
  await say('an own run is asked about again', { value: asked('p2', 5, { on_own: true }) });
  present = new Promise((done) => { release = done; });
  await said('waiting for it again', 0);
  await press('closed meanwhile', 'close');
  release({ config: {}, ran: true });
  await look('the own run of none');
  await press('a place is covered', '[data-key=c1]');
  await say('it is covered', { value: asked('c1', 7, { place: '#world' }) });
  await press('closed over it', 'close');
  const set = Storage.prototype.setItem;
  const get = Storage.prototype.getItem;
  Storage.prototype.setItem = () => { throw new Error('forbidden'); };
  Storage.prototype.getItem = () => { throw new Error('forbidden'); };
  const quiet = (call) => {
    Storage.prototype.getItem = get;
    const told = call();
    Storage.prototype.getItem = () => { throw new Error('forbidden'); };
    return told;
  };
  document.body.innerHTML = `<div id="home">${html}</div>`;
  root = document.querySelector('.guide');
  start({ element: document.querySelector('#home'), props: {}, trigger: (about, data) =>
    heard.push(`${about} ${JSON.stringify(data)}`) }, { steps, goals });
  const line = part('line').textContent;
  part('open').click();
  root.querySelector('[data-key=h1]').click(); // there is no tab to open
  looks['nothing may be kept'] = [line, ...heard.splice(0), part('line').textContent, quiet(() =>
    `${sessionStorage.getItem('lesson-now')}`)];
  Storage.prototype.setItem = set;
  Storage.prototype.getItem = get;
  localStorage.clear();
  sessionStorage.clear();
  return looks;
}
