// Early stopping of made-up worlds: wide and narrow, many dots, none, and what is saved of it.
async ({ html }) => {
  const { start } = await load('capstone/early/early');
  const timers = [];
  const timeout = window.setTimeout;
  window.setTimeout = (call, wait) => timers.push({ call, wait });
  const saved = saves();
  const row = (kind, at, about = {}) => ({ kind, way: `${kind} ${at}`, label: `label ${at}`,
    note: `note ${at}`, text: `+${at} points`, dots: [-0.03, 0.01 * at, 0.0102 * at, 0.11], mean: 0.013 * at,
    low: 0.011 * at, high: 0.017 * at, ...about });
  const told = (rows, about = {}) => JSON.stringify({ rows, range: [-0.13, 0.13],
    ticks: [-0.1, -0.05, 0, 0.025, 0.1], csv: 'way,world\na,0\n',
    findings: ['It is 5 % to 6 % more.', 'And <b>10 %</b>.'], ...about });
  const page = (width) => {
    document.body.innerHTML = `<div style="width:${width}px">${html}</div>`;
    const element = document.body.firstElementChild;
    return { element, root: element.querySelector('section'), props: { value: '' } };
  };
  const looks = {};
  const drawn = (root) => [root.hasAttribute('data-empty'), lines(root.querySelector('[data-part=findings]')),
    lines(root.querySelector('[data-part=chart]'))];
  const two = [row('way', 2), row('paired', 3)];
  const many = row('way', 1, { dots: Array.from({ length: 151 }, (_, i) => (i % 37) / 500) });
  for (const [name, [width, rows, about]] of Object.entries({ wide: [900, two, {}], narrow: [300, two, {}],
    'at the bound': [600, two, {}], many: [700, [many], {}], 'not so many': [700, [{ ...many,
      dots: many.dots.slice(1) }], {}], none: [700, [], { findings: ['No record.'] }],
    'very narrow': [200, two, {}] })) {
    const { element, root, props } = page(width);
    if (name !== 'none') root.setAttribute('data-empty', '');
    const show = start({ element, props });
    show();
    const before = root.querySelector('[data-part=chart]').children.length;
    props.value = told(rows, about);
    show();
    looks[name] = [before, ...drawn(root)];
  }
  // Before it is told anything.
  const untold = page(400);
  const wrong = [];
  window.addEventListener('error', ({ message }) => wrong.push(message));
  start(untold);
  await until(() => false, 3);
  looks.untold = [wrong, ...lines(untold.root.querySelector('[data-part=chart]'))];
  // At once, as it was told already; then of another width.
  const { element, root, props } = page(800);
  props.value = told(two);
  start({ element, props });
  const box = () => root.querySelector('[data-part=chart] svg')?.getAttribute('viewBox');
  const first = box();
  element.style.width = '500px';
  await until(() => box() !== first);
  looks['other widths'] = [first, box()];
  root.querySelector('[data-part=csv]').click();
  root.querySelector('[data-save=svg]').click();
  looks.saved = await saved.told();
  root.append('x');
  await until(() => timers.length);
  looks.waits = [...new Set(timers.map(({ wait }) => wait))];
  for (const { call } of timers.splice(0)) call();
  looks.words = [root.dataset.words, [...root.querySelectorAll('dfn')].map((one) => one.textContent)];
  window.setTimeout = timeout;
  return looks;
}
