// What stands in the page before Gradio does: the parts that are drawn at once and handed over, and
// what is told while the page waits in line.
async ({ shell, line }) => {
  const looks = {};
  const later = window.setTimeout.bind(window);
  const rest = () => new Promise((done) => { later(done, 0); });
  const frames = async (count) => {
    for (let k = 0; k < count; k += 1) await new Promise((done) => { requestAnimationFrame(done); });
    await rest();
  };

  // A page of two parts; ids: those that it has.
  let dark = false; // of the system
  window.matchMedia = (query) => ({ matches: dark && query === '(prefers-color-scheme: dark)' });
  const begin = (search, ids = ['guide', 'playground-stage']) => {
    history.replaceState(null, '', `${location.pathname}${search}`);
    delete window.appShell;
    document.body.className = '';
    document.body.innerHTML = `<div id="app-shell" hidden><div role="tablist">
      <button role="tab" aria-selected="true" data-tab-id="playground">P</button>
      <button role="tab" aria-selected="false" data-tab-id="heart">H</button>
      <button role="tab" aria-selected="false" data-tab-id="capstone">C</button></div>
      <div data-for="guide"><div class="drawn" hidden></div></div>
      <div data-for="playground-stage"><div class="drawn" data-phase="opening" hidden></div></div>
      <p class="late"></p></div>
      <link id="gradio-entry" href="data:text/javascript,0"><div id="gradio"></div>`;
    for (const old of document.head.querySelectorAll('script')) old.remove();
    window.parts = [];
    window.gradio_config = { components: ids.map((id) => ({ props: { elem_id: id, value: `${id} 0`,
      props: { answer: 'early' }, js_on_load: 'window.parts.push({ element, props, trigger, watch });'
        + "element.append(document.createElement('input'), 'drawn');"
        + "watch(['value'], () => window.told.push(['first', props.value, props.answer]));"
        + "watch(['value', 'answer'], () => window.told.push(['second', props.value]));" } })) };
    window.told = [];
    window.timers = [];
    window.setTimeout = (call, wait) => window.timers.push([call, wait ?? 0]);
    Function(shell)();
    return { hidden: document.querySelector('#app-shell')?.hidden ?? 'gone', parts: parts.length,
      dark: document.body.className, waits: timers.map(([, wait]) => wait),
      gradio: document.head.querySelectorAll('script').length };
  };
  const component = (id) => {
    const host = document.createElement('div');
    host.id = id;
    const element = document.createElement('div');
    element.append('Gradio’s own');
    host.append(element);
    document.querySelector('#gradio').append(host);
    const watched = [];
    const triggered = [];
    return { element, props: { value: `${id} 1`, answer: 'late' }, watched, triggered,
      trigger: (...about) => triggered.push(about),
      watch: (names, call) => watched.push([names, call]) };
  };
  for (const search of ['', '?__theme=dark', '?__theme=light', '?dataset.name=moons', '?tab=heart',
    '#patient', '?__sign=1', '?_sign=1']) looks[`opened as ${search || 'it is'}`] = begin(search);
  dark = true;
  looks['in the dark'] = ['', '?__theme=dark', '?__theme=light', '?__theme=system'].map((search) => begin(search).dark);
  dark = false;
  looks['a part is missing'] = begin('', ['guide']);

  begin('');
  const [guide, stage] = parts;
  const tabs = document.querySelectorAll('[role=tab]');
  const busy = () => [...document.querySelectorAll('[role=tab]')].map((tab) =>
    tab.getAttribute('aria-busy'));
  const pressed = [];
  document.body.addEventListener('click', () => pressed.push('heard'));
  looks.tabs = [1, 2, 0, 1].map((k) => {
    tabs[k].click();
    return busy();
  });
  const started = () => document.head.querySelectorAll('script').length;
  looks.started = [started()];
  document.querySelector('[data-phase]').dataset.phase = 'ready';
  await frames(3);
  timers.at(-1)[0]();
  for (const phase of ['opening', 'done']) {
    document.querySelector('[data-phase]').dataset.phase = phase;
    await frames(3);
  }
  looks.started.push(started(), timers.map(([, wait]) => wait));
  timers[0][0]();
  looks.started.push(started());
  timers[1][0]();
  looks.late = document.querySelector('.late').textContent;
  stage.trigger('look', 0);
  stage.trigger('play', 1);
  const places = () => parts.map(({ element }) => window.appShell.placeOf(element).parentElement
    ?.getAttribute('data-for') ?? window.appShell.placeOf(element).parentElement?.id);
  looks.places = [places(), window.appShell.placeOf(document.body).localName,
    [...document.querySelectorAll('.drawn')].map(({ hidden }) => hidden)];
  document.querySelectorAll('.drawn input')[1].focus();
  const [one, two, third] = ['guide', 'playground-stage', 'other'].map(component);
  const gives = (which) => window.appShell.gives(which);
  const cleared = [];
  const { clearTimeout } = window;
  window.clearTimeout = (id) => cleared.push(timers[id - 1][1]);
  looks.given = [gives(third), gives({ element: stage.element }), gives(one), told.length,
    document.querySelector('#app-shell') !== null, gives(two), told.length];
  window.clearTimeout = clearTimeout;
  await frames(3);
  looks.cleared = cleared;
  stage.trigger('step', 2);
  two.watched[0][1]();
  two.props.value = 'newer';
  two.watched[1][1]();
  looks.handed = { told, triggered: [one.triggered, two.triggered], pressed,
    watched: two.watched.map(([names]) => names), props: { ...stage.props },
    shell: document.querySelector('#app-shell') === null, places: places(),
    focus: document.activeElement.localName, drawn: lines(document.querySelector('#gradio')),
    again: gives(component('guide')), guide: guide.props.value };
  // Where elements cannot be moved as they are, and where somebody is elsewhere by then.
  const { moveBefore } = Element.prototype;
  looks.focus = [];
  for (const [move, elsewhere] of [[undefined, false], [undefined, true], [moveBefore, true]]) {
    begin('');
    Element.prototype.moveBefore = move;
    for (const part of parts) window.appShell.placeOf(part.element);
    const other = document.body.appendChild(document.createElement('textarea'));
    document.querySelectorAll('.drawn input')[1].focus();
    for (const id of ['guide', 'playground-stage']) gives(component(id));
    const now = document.activeElement.localName;
    if (elsewhere) other.focus();
    await frames(3);
    looks.focus.push([now, document.activeElement.localName,
      document.activeElement.parentElement.parentElement?.id ?? '']);
  }
  Element.prototype.moveBefore = moveBefore;
  window.setTimeout = later;

  // In line: what is asked again, and what is heard meanwhile.
  const asked = [];
  const answers = [];
  window.fetch = (resource, options) => {
    asked.push([resource.url ?? resource, ...(options ? [options.method] : [])].join(' by '));
    const next = answers.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? new Response('{}'));
  };
  const waits = [];
  window.setTimeout = (call, wait) => {
    waits.push(wait);
    later(call, 0);
  };
  Math.random = () => 0.5;
  Function(line)();
  const shown = () => document.getElementById('in-line')?.textContent ?? 'none';
  const ask = async (place, ...given) => {
    answers.push(...given);
    const answer = await window.fetch(place, { method: 'PUT' }).catch((error) => error);
    return [answer.status ?? String(answer), asked.splice(0), waits.splice(0), shown()];
  };
  const full = () => new Response('', { status: 503 });
  looks['in line'] = { other: await ask('/config', full()),
    upload: await ask('/gradio_api/upload?x', full(), new Error('gone'), new Response('ok')),
    join: await ask('/gradio_api/queue/join', full(), new Response('{}')),
    others: [await ask('/gradio_api/uploads', full()), await ask('/gradio_api/queue/joined', full()),
      await ask('/gradio_api/queue/data2', full())],
    full: await ask('/gradio_api/upload', ...Array.from({ length: 7 }, full)),
    lost: await ask('/gradio_api/upload', ...Array.from({ length: 7 }, () => new Error('gone'))) };
  looks['in line'].role = document.getElementById('in-line').role;
  const texts = [];
  const said = new MutationObserver((all) => texts.push(...all.filter(({ target }) => target.id === 'in-line')
    .map(({ addedNodes }) => addedNodes[0]?.data ?? '')));
  said.observe(document.body, { childList: true, subtree: true });
  const event = (message) => `data: ${JSON.stringify(message)}\n\n`;
  const stream = (...messages) => new Response(new Blob(messages.map(event)).stream(), {
    headers: { 'content-type': 'text/event-stream' } });
  answers.push(new Response('{"event_id":"e1"}'));
  const joined = await window.fetch('/gradio_api/queue/join?', { method: 'POST' });
  answers.push(stream({ msg: 'estimation', event_id: 'e1', text: 'You are third.' },
    { msg: 'heartbeat' }, { msg: 'estimation', event_id: 'e2', text: 'Second.' },
    { msg: 'process_starts', event_id: 'e2' }),
  stream({ msg: 'process_completed', event_id: 'e1', success: true }, { msg: 'close_stream' }));
  const heard = [];
  const reader = (await window.fetch('/gradio_api/queue/data', { method: 'GET' })).body
    .pipeThrough(new TextDecoderStream()).getReader();
  const lines2 = [];
  const hear = async (count) => {
    for (let k = 0; k < count; k += 1) {
      const { value } = await reader.read();
      heard.push(value.trim());
      lines2.push(shown());
    }
  };
  await hear(5);
  await rest();
  answers.push(new Response('{"event_id":"e3"}'), new Response('', { status: 404 }));
  await window.fetch('/gradio_api/queue/join');
  await hear(1);
  answers.push(new Response('{"event_id":"e4"}'), new Error('cut'));
  await window.fetch('/gradio_api/queue/join');
  await hear(1);
  answers.push(new Response('{"event_id":"e5"}'), new Response('data: {"msg":"est'),
    stream({ msg: 'process_completed', event_id: 'e6' }, { msg: 'process_completed', event_id: 'e5' }));
  await window.fetch('/gradio_api/queue/join');
  await hear(2);
  answers.push(new Response('{"event_id":"e6"}'));
  await window.fetch('/gradio_api/queue/join');
  await rest();
  looks['in line'].heard = { joined: joined.status, heard: [...heard], lines: lines2.at(-1),
    asked: asked.splice(0), waits: waits.splice(0) };
  // One message after the other, and then none that could be read.
  let feed = null;
  const bytes = (text) => new TextEncoder().encode(text);
  const settle = async () => {
    for (let k = 0; k < 4; k += 1) await rest();
  };
  answers.push(new Response('{"event_id":"e7"}'), new Response(new ReadableStream({
    start(controller) { feed = controller; } })));
  await window.fetch('/gradio_api/queue/join');
  await settle();
  const queue = [];
  const whole = event({ msg: 'estimation', event_id: 'e7', text: 'You are next.' });
  for (const part of [event({ msg: 'estimation', event_id: 'e7', text: 'Two are before you.' }),
    event({ msg: 'estimation', event_id: 'e8', text: 'One is.' }), event({ msg: 'heartbeat' }),
    event({ msg: 'process_starts', event_id: 'e8' }), whole.slice(0, 30), whole.slice(30),
    event({ msg: 'estimation', event_id: 'e7', text: '' }), event({ msg: 'close_stream' }),
    event({ msg: 'estimation', event_id: 'e7', text: 'Soon.' }) + event({ msg: 'heartbeat' }),
    event({ msg: 'process_completed', event_id: 'e7' })]) {
    feed.enqueue(bytes(part));
    await settle();
    queue.push(shown());
  }
  feed.close();
  await settle();
  asked.splice(0);
  answers.push(new Response('{}'));
  await window.fetch('/gradio_api/queue/join');
  answers.push(new Response('{"event_id":"e9"}', { status: 422 }));
  const refused = await window.fetch('/gradio_api/queue/join');
  await settle();
  const unheard = asked.splice(0);
  answers.push(new Response('{"event_id":"e9"}'), new Response('', { status: 500 }));
  await window.fetch({ url: '/gradio_api/queue/join?x' });
  const from = heard.length;
  await hear(10);
  answers.push(new Response('{"event_id":"e12"}'), stream({ msg: 'estimation', event_id: 'e12',
    text: 'Third.' }), new Error('cut'));
  await window.fetch('/gradio_api/queue/join');
  await settle();
  await hear(2);
  queue.push(shown());
  answers.push(new Response('{"event_id":"e10"}'), new DOMException('left', 'AbortError'));
  await window.fetch('/gradio_api/queue/join');
  const end = await reader.read().catch((error) => error.name);
  answers.push(new Response('{"event_id":"e11"}'));
  await window.fetch('/gradio_api/queue/join');
  await settle();
  // A stream that is opened after one was left hears of all that is waited for.
  answers.push(...['e11', 'e10'].map((id) => stream({ msg: 'process_completed', event_id: id })));
  waits.length = 0;
  const anew = (await window.fetch('/gradio_api/queue/data?anew')).body
    .pipeThrough(new TextDecoderStream()).getReader();
  const nothing = async () => {
    for (let k = 0; k < 25; k += 1) await settle();
    return { value: 'nothing' };
  };
  const next = () => Promise.race([anew.read(), nothing()]);
  const told2 = [(await next()).value.trim(), (await next()).value.trim()];
  looks['in line'].told = { queue, refused: refused.status, unheard, lost: heard.slice(from), end, asked,
    anew: [...told2, waits], texts };
  window.setTimeout = later;
  return looks;
}
