// The lesson's panel and its parts, of steps that are made here.
async ({ html, picture }) => {
  const looks = {};
  const pass = clock(200);
  localStorage.clear();
  sessionStorage.clear();
  const home = location.pathname;
  const at = (search) => history.replaceState(null, '', `${home}${search}`);

  // Which steps a link is about, and the link to steps.
  const { readChoice, linkTo } = await load('guide/choice');
  const keys = ['p1', 'p2', 'p3', 'p4', 'h1', 'h2', 'h3', 'c1'];
  const named = keys.map((key) => ({ key, core: ['p2', 'h1', 'c1'].includes(key) }));
  looks.chosen = ['', null, 'core', 'p2', 'p2-p4', 'p3-h2', 'h2,p1', ' p2 , p2-p3,', 'p4-p2', 'zz',
    'p1,zz,h9-h3', 'zz-p2', 'p3-p3', 'CORE', ','].map((text) =>
    `${text}: ${JSON.stringify(readChoice(text, named))}`);
  const links = [];
  for (const search of ['', '?lesson=p1&hide=data&tab=heart', '?seed=3&lesson=p1&__theme=dark']) {
    at(search);
    for (const [chosen, alone] of [[['p1'], false], [['p1', 'p2'], true], [['p3', 'p1', 'p2'], false],
      [['p3', 'p4', 'h1', 'h2', 'h3', 'c1'], false], [['p1', 'p3', 'c1'], true], [[], false]]) {
      links.push(linkTo(chosen, keys, alone).replace(location.origin, ''));
    }
  }
  links.push(linkTo(['p1'], keys, false, 'somebody/space').replace(location.origin, ''));
  looks.links = links;
  at('');

  const { showExhibit } = await load('guide/exhibit');
  const sheet = document.createElement('div');
  sheet.style.width = '500px';
  document.body.replaceChildren(sheet);
  const table = { head: ['', 'one', 'other'], rows: [['first', '1', '2'], ['second', '3', '4']] };
  const charts = { y: 'loss', x: [0, 2, 4], charts: { 'rate 0.1': { train: [1, 0.5, 0.2],
    test: [1.1, 0.7, 0.65] }, 'rate 1': { train: [1, null, 3] } } };
  looks.exhibits = [table, charts, { ...charts, charts: { one: { val: [-0.5, null, -0.1] } } }, null, {}]
    .flatMap((exhibit) => {
      showExhibit(sheet, exhibit);
      return lines(sheet);
    });

  // What is kept of the answers.
  const { Progress } = await load('guide/progress');
  const RealDate = Date;
  window.Date = class extends RealDate { constructor() { super('2026-03-05T12:00:00Z'); } };
  const progress = new Progress();
  const kept = () => `${JSON.stringify(progress.said)} kept ${localStorage.getItem('lesson-answers')}`;
  const answers = [kept()];
  progress.note('p2', { verdict: 'right', words: 'the second', told: ['So.', 'And so.'] });
  progress.note('h1', { verdict: 'wrong', words: 'none', told: ['No.'] });
  answers.push(kept(), `${progress.done('p2')} ${progress.done('p1')}`,
    ...progress.text([{ key: 'h1', title: 'Heart' }, { key: 'p1', title: 'Never' },
      { key: 'p2', title: 'Play' }]).split('\n'), JSON.stringify(new Progress().said));
  for (const text of ['[1]', 'null', '{', '7', '{"p1":{"verdict":"right"}}']) {
    localStorage.setItem('lesson-answers', text);
    answers.push(JSON.stringify(new Progress().said));
  }
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  progress.note('c1', { verdict: 'right', words: 'kept nowhere', told: [] });
  Storage.prototype.setItem = setItem;
  answers.push(`${progress.done('c1')} ${localStorage.getItem('lesson-answers')}`);
  progress.forget();
  answers.push(kept());
  looks.progress = answers;

  // Where a step's numbers stand.
  const { Place } = await load('guide/place');
  document.body.innerHTML = '<button role="tab"> Table </button><button role="tab">Threshold</button>'
    + '<div id="late" hidden>late</div><div id="here">here</div>';
  const [late, here] = ['late', 'here'].map((id) => document.getElementById(id));
  const where = [];
  for (const tab of document.querySelectorAll('[role=tab]')) {
    tab.addEventListener('click', () => where.push(`opened ${tab.textContent}`));
  }
  Element.prototype.scrollIntoView = function scrolled(about) {
    where.push(`scrolled to ${this.id} ${JSON.stringify(about)}`);
  };
  const frames = [];
  const frame = window.requestAnimationFrame;
  window.requestAnimationFrame = (call) => frames.push(call);
  const step = () => frames.splice(0).forEach((call) => call());
  const places = new Place();
  const state = (name) => where.push(`${name}: late ${late.className}, ${late.inert}; `
    + `here ${here.className}, ${here.inert}; sheets ${[...document.head.querySelectorAll('style')]
      .map((one) => one.textContent).join(' ')}; waits ${frames.length}`);
  places.go('Table #here');
  state('gone');
  await pass(2499);
  state('marked');
  await pass(1);
  state('no longer');
  places.go('Missing #here');
  state('gone without its tab');
  await pass(2500);
  places.go('#late');
  step();
  state('it is not there');
  late.hidden = false;
  step();
  state('it is');
  late.hidden = true;
  await pass(2500);
  places.go('Threshold #late');
  await pass(3999);
  step();
  state('nearly too long');
  await pass(1);
  step();
  state('too long');
  places.go('#none');
  step();
  places.go('nowhere');
  state('nowhere');
  places.cover('#here');
  state('covered');
  places.cover('Table #late');
  state('another covered');
  places.cover('#none');
  state('none covered');
  places.cover(null);
  state('nothing');
  places.uncover();
  state('uncovered');
  looks.places = where;
  window.requestAnimationFrame = frame;

  // A card of each kind of step.
  const { Card } = await load('guide/card');
  document.body.innerHTML = `${html}<div class="playground"></div><style>.spot { width: 240px;
    height: 240px; position: relative }</style>`;
  const inks = document.querySelector('.playground').style;
  ['page', 'paper', 'ink', 'ink2', 'line', 'line2', 'wash', 'pos', 'neg', ...[...'ABCDEFGH'].map((k) =>
    `class-${k}`)].forEach((name, i) => inks.setProperty(`--${name}`,
    `#${(255 - 12 * i).toString(16)}8040`));
  const root = document.querySelector('.guide');
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  let heard = [];
  const card = new Card(root, { commit: (...about) => heard.push(`commit ${JSON.stringify(about)}`),
    next: () => heard.push('next'), place: (place) => heard.push(`place ${place}`) });
  HTMLElement.prototype.focus = function focused(about) {
    heard.push(`focus on ${this.dataset.part ?? this.className}, ${JSON.stringify(about)}`);
  };
  const plainStep = { key: 'p1', tab: 'playground', title: 'A title', ask: 'Which loss is lower?',
    chips: ['model', 'look'], terms: { loss: '', epoch: '' }, exhibit: null, picture: null, scale: null,
    rows: [], options: ['The first epoch', 'The second', 'Neither'], place: '', core: true };
  let before = [];
  const look = (name) => {
    const [now, news] = changed(root, before, '.guide-list, .guide-line');
    before = now;
    looks[`card: ${name}`] = [...heard, `verdict ${root.dataset.verdict}`, ...news];
    heard = [];
  };
  const check = (...labels) => labels.forEach(([i, k]) => {
    part('answers').querySelector(`[name=guide-answer-${i}][value="${k}"]`).checked = true;
  });
  const submit = () => part('form').dispatchEvent(new Event('submit', { cancelable: true }));
  const told = { verdict: 'right', because: [], told: ['The loss fell.', 'Each epoch.'],
    exhibit: null, now: 'Try it.', code: 'code()' };
  part('card').hidden = false;
  card.show(plainStep);
  look('options');
  submit();
  look('nothing said');
  check([0, 1]);
  submit();
  look('said');
  card.reveal(told);
  look('right');
  for (const name of ['next', 'place', 'again']) part(name).click();
  look('again');
  part('show').click();
  card.reveal({ ...told, verdict: 'shown', because: ['Because.'], code: '' });
  look('shown');
  card.show({ ...plainStep, rows: ['A row', 'Its epoch'], place: 'Table #here', exhibit: table });
  look('rows');
  check([0, 2]);
  submit();
  look('one row said');
  check([1, 0]);
  submit();
  card.reveal({ ...told, verdict: 'wrong', because: ['Because.', 'And so.'], exhibit: table });
  look('rows, wrong');
  const measured = [part('shown').children.length];
  part('again').click();
  measured.push(part('shown').children.length);
  card.reveal({ ...told, verdict: 'wrong', because: ['Because.', 'And so.'], exhibit: table });
  part('place').click();
  card.refuse('It cannot be measured.');
  look('refused');
  looks['what was measured'] = [...measured, part('shown').children.length];
  const scale = (low, high, stride, unit) => ({ ...plainStep, title: 'How much?',
    scale: { low, high, step: stride, unit } });
  card.show(scale(10, 25, 2, 'points'));
  look('a scale');
  const slider = part('answers').querySelector('input');
  slider.value = 24;
  slider.dispatchEvent(new Event('input'));
  submit();
  card.reveal({ ...told, verdict: 'undecided' });
  look('a guess');
  looks.middles = [[0, 1, 0.25], [0, 100, 5], [-4, 3, 1], [50, 60, 4]].map(([low, high, stride]) => {
    card.show(scale(low, high, stride, '%'));
    return part('answers').querySelector('output').textContent;
  });
  card.show({ ...plainStep, picture });
  card.spot.point({ x: 1, y: 1 }); // before there is anything to ask
  for (let k = 0; k < 40 && !card.spot.film; k += 1) await pass(0, true);
  look('a picture');
  submit();
  look('no place said');
  card.spot.point({ x: 0.5, y: -0.25 });
  look('a place');
  card.spot.point(null);
  look('no place');
  const keyed = (key) => card.spot.box.dispatchEvent(new KeyboardEvent('keydown', { key }));
  keyed('ArrowRight');
  look('a place by a key');
  keyed('Escape');
  look('no place by a key');
  card.spot.point({ x: 0.5, y: -0.25 });
  submit();
  card.reveal(told);
  card.spot.point({ x: 0, y: 0 });
  look('a place, answered');
  const dressed = () => [lines(card.spot.names), tiles(new Uint32Array(card.spot.picture.below.getContext('2d')
    .getImageData(0, 0, 240, 240).data.buffer), 240)[0].filter((_, i) => i % 13 === 5)];
  looks['colours of the classes'] = dressed();
  inks.setProperty('--class-A', '#123456');
  document.body.classList.add('dark');
  await pass();
  looks['colours, dark'] = dressed();
  document.body.className = '';
  await pass();
  // One that is shown while nobody sees it.
  part('card').hidden = true;
  card.show({ ...plainStep, picture });
  for (let k = 0; k < 40 && !card.spot.film; k += 1) await pass(0, true);
  const unseen = card.spot.box.dataset.view ?? 'not drawn';
  part('card').hidden = false;
  await pass(0, true);
  looks['shown unseen'] = [unseen, card.spot.box.dataset.view];
  const { below } = card.spot.picture;
  const sizes = [below.width];
  card.spot.box.style.width = '180px';
  await pass(0, true);
  looks['another size'] = [...sizes, below.width];
  return looks;
}
