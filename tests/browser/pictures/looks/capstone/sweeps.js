// The section of sweeps, told of sweeps that nobody ran: pointed at, pressed, left, measured anew.
async ({ html, style, settings }) => {
  Date.now = () => 1000;
  Math.random = () => 0.5;
  const observers = [];
  window.ResizeObserver = class {
    constructor(call) {
      observers.push(call);
    }

    observe() {} // it is told when it is told
  };
  const { start } = await load('capstone/sweep/sweep');
  const { question } = await load('capstone/sweep/asked');
  const timers = [];
  window.setTimeout = (call, wait) => timers.push({ call, wait });
  window.clearTimeout = (id) => { if (timers[id - 1]) timers[id - 1].call = null; };
  const looks = {};
  document.body.innerHTML = `<style>canvas.picture { width: 99px; height: 99px }</style>
    <style>#sweeps { ${style} }</style><div id="sweeps" style="width:900px">${html}</div>`;
  const root = document.querySelector('.sweeps');
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const asked = [];
  const props = { value: '', told: '', cost: '', network: '' };
  const trigger = (name, about) => asked.push([name, structuredClone(about ?? null),
    ['choose', 'weigh'].includes(name) ? question(name) : '']);
  const tell = start({ element: document.body, props, trigger }, settings);
  let number = 0;
  const send = (name, about) => {
    props[name] = JSON.stringify({ sequence: number += 1, ...about });
    tell();
    tell();
  };
  const rings = (kind) => [...part('board').querySelectorAll(`.${kind}`)].map((ring) =>
    [ring.getAttribute('display'), ...['cx', 'cy', 'x', 'y'].map((key) => ring.getAttribute(key)).filter(Boolean)]
      .join(' '));
  const see = (name) => {
    const { kind, source, running, empty } = root.dataset;
    looks[name] = [{ kind, source, running, empty }, ...['title', 'help', 'caption', 'said', 'trouble', 'status',
      'when-text', 'text', 'news', 'legend', 'cost'].map((one) => `${one}: ${part(one).textContent}`),
    part('findings').innerHTML, [...root.querySelectorAll('[aria-pressed=true]')].map((one) => one.textContent),
    ...['measures', 'epochs', 'run', 'stop'].map((one) => `${one} ${part(one).hidden}`),
    part('board').getAttribute('aria-label'), part('board').firstElementChild?.getAttribute('aria-label') ?? 'no chart',
    part('board').querySelectorAll('.dot, .cell').length, rings('picked'),
    [...part('board').querySelectorAll('.now')].map((one) => one.textContent), lines(part('when')),
    ['over', 'and_over', 'values', 'and_values'].map((one) => part(one).value), part('member').dataset.state,
    asked.splice(0)];
  };
  const measures = (base, worst) => ({ train: [base, base + 0.01, base + 0.02], test: [base - 0.1, base + 0.03, worst],
    fresh: [base - 0.05, base + 0.06, base - 0.2], median: { fresh: base - 0.05, test: base - 0.02 } });
  const column = (index, about = {}) => ({ index, label: `Width ${4 ** index}`, middle: 0, ranks: [2, 0, 1],
    diverged: index, never: 0, best: 0.93, best_test: 0.92, accuracy: measures(0.7 + index / 20, 0.6),
    loss: measures(0.5 + index / 10, null), own_best: [0.95, 0.9, null], ...about });
  const failed = { index: 1, label: 'Width 4', error: 'It is too large.' };
  const one = (about = {}) => ({ kind: 'one', choice: 'width', key: 'a', source: 'shipped', config: { a: 1 }, said:
    'Three of them.', error: null, csv: 'a,b\n', findings: { accuracy: ['First: 5 %.', 'It can’t be told.', 'Third.',
    'Nobody cannot tell.'], loss: ['Of loss.'] }, captions: { accuracy: 'Accuracy, 3 worlds a value', loss:
    'Loss, 1 world' }, hints: { accuracy: 'Dots of accuracy', loss: 'Dots of loss' }, inside: 'width', values:
    ['1', '4', '16', '64'], columns: [column(0), failed, column(2), column(3)], members: 3, lines: true, unseen: 'fresh',
  drawn: 3, axes: { accuracy: { range: [0.5, 1], ticks: [0.5, 0.75, 1], cut: null },
    loss: { range: [0.2, 1], ticks: [0.1, 1], cut: 0.2 } }, ...about });
  const cell = (shade, about = {}) => ({ shade, median: 0.6 + shade / 5, said: `${shade} of ink`, ...about });
  const cells = (step) => [cell(step), cell(step / 2, { tie: true }), cell(2 * step), cell(3 * step), { median: null, error: 'no', said:
    'failed' }, cell(4 * step)];
  const two = (about = {}) => ({ ...one(), kind: 'two', choice: 'width-depth', key: 'b', caption: 'Of 3 worlds a cell',
    hint: 'Cells', over: 'width', and_over: 'depth', and_inside: 'depth', values: ['1', '2'], and_values: ['a', 'b', 'c'],
    columns: [0, 1, 2, 3, 5].map((index) => column(index, { middle: index % 3 })).concat({ index: 4, label: 'x', error:
    'no' }), rings: 'as good as the best', moments: [{ epoch: 0, said: 'At first.', cells: cells(0.1) }, { epoch: 1500,
      said: 'Later.', cells: cells(0.2) }, { epoch: 3000, said: 'At last.', cells: cells(0.25) }], ...about });

  see('opened');
  for (const name of ['ArrowUp', 'ArrowLeft']) {
    part('board').dispatchEvent(new KeyboardEvent('keydown', { key: name })); // there is no chart yet
  }
  const saved = saves();
  part('csv').click();
  looks['nothing to save'] = await saved.told();
  send('value', one({ choice: 'depth' }));
  see('of another choice');
  send('value', one({ columns: [column(0)] }));
  see('one value');
  send('value', one({ press: 3 }));
  see('of a press that nobody made');
  part('axes').querySelectorAll('button')[0].click();
  send('value', one());
  see('what ships');
  part('csv').click();
  looks.saved = await saved.told();
  const key = (name) => {
    const event = new KeyboardEvent('keydown', { key: name, cancelable: true });
    part('board').dispatchEvent(event);
    return `${name} ${event.defaultPrevented} ${rings('picked').join(', ')} ${part('text').textContent}`;
  };
  looks.keys = ['ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'End', 'Home', 'ArrowLeft', 'ArrowLeft',
    'ArrowLeft', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'z'].map(key);
  see('after keys');
  looks.enter = [key('Enter')];
  see('trained again');
  const point = (selector, kind = 'pointermove') => {
    const place = part('board').querySelector(selector);
    const { left, top, width, height } = place.getBoundingClientRect();
    place.dispatchEvent(new PointerEvent(kind, { clientX: left + width / 2, clientY: top + height / 2, bubbles: true }));
    return root.querySelector('.tip').textContent;
  };
  looks.pointed = [point('[data-index="2"][data-set=test][data-member="1"]'), point('.dot.fresh')];
  point('[data-index="2"][data-set=test][data-member="1"]', 'click');
  see('a dot pressed');
  root.querySelector('[data-measure=loss]').click();
  see('loss');
  looks.pointed.push(point('[data-index="0"][data-set=test][data-member="2"]'), point('.dot.fresh'));
  const word = part('caption').querySelector('dfn');
  root.querySelector('[data-measure=loss]').click();
  looks['the same caption'] = [word.textContent, word.isConnected];
  const turn = (kind) => root.querySelector(`button[data-kind=${kind}]`).click();
  turn('two');
  looks.before = ['two are answered', point('.dot.fresh'), key('ArrowUp')];
  turn('one');
  const again = (columns) => {
    part('axes').querySelectorAll('button')[0].click();
    send('value', one({ columns }));
  };
  again([column(0), failed, column(2)]);
  see('the same once more');
  again([column(0), failed, { index: 2, label: 'Width 16', error: 'It is too large.' }]);
  see('what was picked has failed');
  looks.failed = [key('ArrowLeft'), key('Enter'), asked.splice(0)];
  again([column(0), failed, column(2)]);
  again([column(0)]);
  see('what was picked is not there');
  looks.failed.push(key('ArrowLeft'), key('Enter'), asked.splice(0));
  again([column(0), failed, column(2)]);
  part('axes').querySelectorAll('button')[1].click();
  send('value', one({ choice: 'depth', key: 'c', findings: { accuracy: ['Of depth.'], loss: [] } }));
  see('another');
  send('cost', { cost: 'A minute.' });
  send('told', { status: 'Of no press', running: true });
  send('told', { press: 7, status: 'Of another press', running: true });
  see('told of other presses');
  part('values').value = '5, 6';
  part('values').dispatchEvent(new Event('change'));
  part('run').click();
  part('run').click();
  see('run');
  send('value', one({ press: 1, source: 'own', key: 'd', columns: [column(2)], choice: 'depth' }));
  send('told', { press: 1, status: 'Value 1 of 3.' });
  see('it grows');
  send('value', one({ press: 1, source: 'own', key: 'd', columns: [column(2), column(3)], choice: 'depth' }));
  see('it grows on');
  looks.pointed.push(point('.dot.fresh'));
  looks.enter.push(key('Enter'));
  send('value', one({ press: 1, source: 'own', key: 'd', columns: [column(0), column(2), column(3)], choice: 'depth' }));
  send('value', one({ choice: 'depth' }));
  see('one is chosen');
  part('stop').click();
  see('stopped');
  send('value', one({ press: 1, key: 'e' }));
  see('what comes late');
  part('run').click();
  send('told', { press: 2, status: 'Done.', running: false });
  see('done');
  part('axes').querySelectorAll('button')[0].click();
  part('run').click();
  part('stop').click();
  send('value', one());
  see('chosen before a run that was stopped');
  send('network', { asked: 99, state: 'done', told: '' });
  send('value', { ...one(), columns: [], moments: [], source: 'missing', key: 'none', choice: 'epochs', error: 'No record.' });
  see('not of what was chosen');
  part('axes').querySelectorAll('button')[2].click();
  send('value', { kind: 'one', columns: [], moments: [], source: 'missing', key: 'none', choice: 'epochs', said: '',
    findings: { accuracy: [], loss: [] }, error: 'No record.' });
  see('no record');

  root.querySelector('button[data-kind=one]').click();
  root.querySelector('button[data-kind=two]').click();
  see('two at once');
  send('value', two());
  see('two at once, answered');
  looks.legend = lines(part('legend'));
  looks.keysTwo = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowLeft',
    'ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'Home', 'Enter'].map(key);
  see('after keys in cells');
  looks.pointed.push(point('[data-index="3"]'), point('[data-index="5"]'));
  const when = (value) => {
    part('when').value = value;
    part('when').dispatchEvent(new Event('input'));
  };
  when(1);
  see('an early moment');
  looks.pointed.push(point('[data-index="3"]'));
  point('[data-index="5"]', 'click');
  when(2);
  see('the last moment');
  when(0);
  part('axes').querySelectorAll('button')[0].click();
  send('value', two({ key: 'z' }));
  see('another, at its last moment');
  point('[data-index="5"]', 'click');
  when(2);
  part('axes').querySelectorAll('button')[0].click();
  send('value', two());
  const anew = (about) => {
    part('axes').querySelectorAll('button')[0].click();
    send('value', two(about));
  };
  turn('one');
  looks.before.push('one is answered', point('[data-index="3"]'), key('ArrowUp'));
  turn('two');
  anew({ moments: two().moments.slice(0, 2) });
  see('two moments');
  anew({ key: 'f', moments: two().moments.slice(0, 1), rings: null });
  see('one moment');
  anew({ key: 'g', moments: [] });
  see('no moment');
  root.querySelector('button[data-kind=one]').click();
  see('one again');
  part('run').click();
  send('value', { ...two(), press: 4, choice: 'epochs-width', over: 'epochs', and_over: 'width', key: 'h' });
  see('a pair that is not listed');
  part('board').style.width = '300px';
  const before = part('board').firstElementChild.getAttribute('viewBox');
  for (const call of observers) call([]);
  looks.width = [before, part('board').firstElementChild.getAttribute('viewBox')];
  document.querySelector('#sweeps').innerHTML = html;
  const told = { value: JSON.stringify(one()) };
  start({ element: document.body, props: told, trigger: () => {} }, settings);
  looks['told from the start'] = lines(document.querySelector('[data-part=said]'));
  looks.timers = timers.map(({ call, wait }) => `${wait} ${Boolean(call)}`).filter((one) => one.startsWith('600'));
  return looks;
}
