// The picture as a sheet to draw on and to ask, by made-up presses; the data sets as small pictures.
async () => {
  const { Sheet } = await load('playground/data/canvas');
  const { OwnPoints } = await load('playground/data/own_points');
  const { Thumbs } = await load('playground/data/thumbs');
  const looks = {};
  localStorage.clear();
  const box = room(400, 400, '<button class="over">x</button><div class="stale-box"><i></i></div>');
  const tools = document.createElement('div');
  document.body.append(tools);
  box.tabIndex = 0;
  box.setPointerCapture = (id) => acts.push(`held ${id}`);
  const acts = [];
  const own = new OwnPoints([[-1, 1, 0], [0, 0, 1]]);
  const seen = { extent: [-2, 2, -1, 7], points: [{ x: 0, y: 3, label: 2, part: 1 }, { x: 0.1, y: 3, label: 0,
    part: 0 }], own: true, view: 'classes' };
  const sheet = new Sheet(box, tools, own, { see: () => seen, act: {
    ask: (place) => acts.push(`ask ${JSON.stringify(place)}`), forget: () => acts.push('forget'),
    drawn: () => acts.push('drawn'), sketched: () => acts.push('sketched'), toggle: () => acts.push('toggle') } });
  sheet.show();
  looks.tools = lines(tools);
  let last = '';
  const state = () => {
    const points = own.points.slice(0, 20).map((point) => point.join(' ')).join(', ');
    const told = `${acts.splice(0).join(', ')} | ${points === last ? 'same' : points} | ${own.names} ${
      own.before.length} ${own.after.length} ${(localStorage.getItem('own-points') ?? '').length} | ${
      JSON.stringify(sheet.cursor)}`;
    last = points;
    return told;
  };
  const tool = (name) => tools.querySelector(`[data-tool=${name}]`);
  const shown = () => [...tools.children].filter(({ hidden }) => !hidden).map((one) =>
    `${one.dataset.tool ?? one.className}${one.getAttribute('aria-pressed') === 'true' ? ' on' : ''}${
      one.disabled ? ' off' : ''}`).join(', ') + ` | ${box.dataset.tool} ${sheet.name.value} ${
    sheet.name.placeholder} ${sheet.name.getAttribute('aria-label')} ${sheet.count.textContent}`;
  looks.steps = [];
  const note = (what) => looks.steps.push(`${what}: ${state()}`);
  const at = (x, y) => {
    const { left, top } = box.getBoundingClientRect();
    return { clientX: left + x, clientY: top + y };
  };
  const fire = (kind, x, y, about = {}, target = box) => target.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, cancelable: true, pointerId: 7, ...at(x, y), ...about }));
  const drag = (what, places, about = {}, end = 'pointerup') => {
    const [first, ...more] = places;
    box.blur();
    const before = `${fire('pointerdown', ...first, about)}${document.activeElement === box ? ' focused' : ''}`;
    for (const place of more) fire('pointermove', ...place, about);
    fire(end, 0, 0);
    looks.steps.push(`${what}: ${before} ${state()}`);
  };
  note('at first');
  drag('asked', [[300, 100], [310, 100]]);
  drag('asked at a point', [[205, 199]]);
  drag('asked at the nearer one', [[206, 200]]);
  drag('asked as near as it may be', [[186, 200]]);
  drag('asked too far', [[185, 200]]);
  drag('asked outside', [[-50, 450]]);
  seen.view = 'space';
  drag('of a folded space', [[200, 200]]);
  seen.view = 'classes';
  fire('pointerdown', 5, 5, {}, box.querySelector('.over'));
  fire('pointerdown', 5, 5, {}, box.querySelector('.stale-box i'));
  fire('pointerdown', 5, 5, { button: 1 });
  fire('pointerdown', 5, 5, { button: 2 });
  fire('pointermove', 5, 5);
  fire('pointerup', 5, 5);
  note('nothing of these');
  looks.shown = [shown()];
  press(tool('pen-C'));
  looks.shown.push(shown());
  drag('a dot', [[350, 50]]);
  looks.shown.push(shown());
  drag('dots along a way', [[50, 50], [75, 50], [76, 50], [101, 50], [102, 50], [102, 76]]);
  drag('a dot beside one', [[101, 100], [101, 300]]);
  drag('one is moved', [[100, 306], [120, 310], [150, 320]]);
  drag('not moved', [[150, 320]]);
  drag('cancelled', [[10, 390], [40, 390]], {}, 'pointercancel');
  drag('as near as one that is moved', [[108.5, 50]]);
  drag('not as near', [[109.5, 50]]);
  drag('wiped by Shift', [[350, 50], [352, 50]], { shiftKey: true });
  drag('nothing to wipe', [[390, 200]], { shiftKey: true });
  seen.own = false;
  sheet.show();
  looks.shown.push(tools.hidden);
  drag('others’ points', [[350, 300]]);
  seen.own = true;
  press(tool('wipe'));
  looks.shown.push(shown());
  drag('wiped', [[64, 50], [88, 50]]);
  drag('wiped at the edge of its reach', [[116, 50]]);
  press(tool('pen-H'));
  looks.shown.push(shown());
  for (const name of ['back', 'back', 'forth', 'ask']) {
    press(tool(name));
    note(name);
    looks.shown.push(shown());
  }
  press(tool('pen-B'));
  sheet.name.value = ' well ';
  sheet.name.dispatchEvent(new Event('change'));
  note('named');
  press(tool('pen-D'));
  looks.shown.push(shown());
  sheet.name.focus();
  sheet.name.value = 'being written';
  sheet.show();
  looks.shown.push(shown());
  sheet.name.blur();
  const key = (what, about = {}, target = box) => {
    const free = target.dispatchEvent(new KeyboardEvent('keydown', { key: what, bubbles: true, cancelable: true,
      ...about }));
    looks.steps.push(`key ${what} ${Object.keys(about)}: ${free} ${state()}`);
  };
  sheet.cursor = null;
  key('Enter');
  for (const name of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', 'a']) key(name);
  sheet.cursor = { x: -1.99, y: 6.9 };
  for (const name of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']) key(name, { shiftKey: true });
  sheet.cursor = { x: 0.08, y: 3.05 };
  key('ArrowRight');
  key('ArrowRight');
  key('Enter');
  press(tool('wipe'));
  key('Enter');
  key('Enter');
  press(tool('ask'));
  key('Enter');
  key('Escape');
  key(' ');
  key('z');
  key('z', { ctrlKey: true });
  key('z', { metaKey: true });
  key('ArrowLeft', {}, box.querySelector('.over'));
  seen.own = false;
  key('z', { ctrlKey: true });
  key('Enter');
  seen.own = true;
  press(tool('clear'));
  note('cleared');
  looks.shown.push(shown());
  own.points = Array.from({ length: 2000 }, (_, k) => [k / 1000, 1, k % 8]);
  press(tool('pen-A'));
  looks.shown.push(shown());
  drag('no room', [[10, 10], [60, 10]]);
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  press(tool('clear'));
  note('cleared, and the browser keeps nothing');
  Storage.prototype.setItem = setItem;

  // A hundred steps back, names of forty letters, and what is found in the browser.
  const long = new OwnPoints([[5, 5, 1]]);
  for (let k = 0; k <= 101; k += 1) {
    long.begin();
    long.add(k, 0, 0);
  }
  long.call(1, ` ${'x'.repeat(41)} `);
  looks.kept = [long.before.length, long.points.length - long.before[0][0].length, long.names.map((name) => name.length)];
  const many = (count, ...more) => Array.from({ length: count }, (_, k) => [k, 1, k % 2, ...more]);
  const letters = (count) => [...'abcdefghi'].slice(0, count);
  looks.recalled = [[many(2), []], [many(3), ['one']], [many(2, 1), []], [[[1, 2]], []], [[[1, 'x', 0]], []],
    [many(2), letters(8)], [many(2), letters(9)], [many(2), [3]], [many(2000), []], [many(2001), []], [many(2)], 'odd',
    null].map((found) => {
    localStorage.setItem('own-points', JSON.stringify(found));
    const { points, names } = new OwnPoints([[5, 5, 1]]);
    return `${points.length} ${names.join('')}`;
  });
  localStorage.clear();

  // Pictures that are drawn anew when what they show has changed, and only then.
  const place = document.createElement('div');
  document.body.replaceChildren(place);
  const chosen = [];
  const sets = { moons: { title: 'Moons', points: [[0, 1, 0], [2, 5, 1], [1, 0, 2]] }, xor: { title: 'XOR',
    points: Array.from({ length: 60 }, (_, k) => [k, 2 * k, k % 2]) }, points: { title: 'My own', points: [] } };
  const thumbs = new Thumbs(place, { sets, thumbnail_points: 9 }, (name) => chosen.push(name));
  const drawings = thumbs.buttons.map(({ canvas }) => {
    const { context, ops } = recorder();
    canvas.getContext = () => context;
    return ops;
  });
  const points = (count, shift = 0) => Array.from({ length: count }, (_, k) => ({ x: k + shift, y: 3 - k,
    label: k % 3 }));
  const dark = { ...colours, dark: true };
  const five = points(5);
  const mine = [[1, 2, 3]];
  looks.thumbs = [['moons', five, mine, colours], ['moons', five, mine, colours], ['moons', points(5), mine, colours],
    ['moons', points(5, 1), mine, colours], ['moons', points(6), mine, colours], ['xor', five, mine, colours],
    ['xor', five, mine, dark], ['points', five, mine, dark], ['points', points(4), mine, dark],
    ['moons', five.map((one, i) => (i === 1 ? { ...one, label: 2 } : one)), mine, dark],
    ['moons', five, [], dark], ['moons', five, [[4, 4, 1], [7, 7, 0], [9, 9, 2]], dark],
    ['moons', five, [[4, 4, 1], [5, 6, 0], [9, 9, 2]], dark], ['moons', five, [[4, 4, 1], [9, 9, 2]], dark], ['moons', five, [[4, 4, 1], [8, 9, 2]],
      dark]].map(([name, of, owned, tone]) => {
    thumbs.draw(name, of, [-1, 7, -4, 4], owned, tone);
    return [name, place.querySelector('[aria-pressed=true]').textContent, ...drawings.map((ops) =>
      ops.splice(0).filter((op) => /^(arc|fillStyle|lineTo)/.test(op)).slice(0, 6).join(', '))];
  });
  for (const { button } of thumbs.buttons) press(button);
  looks.chosen = chosen;
  return looks;
}
