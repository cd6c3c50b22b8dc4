// The exercises' card: films that come, presses, what is stopped and what is left.
async ({ html, film: told, other }) => {
  const card = await load('playground/exercises/card');
  const looks = {};
  const root = build(`<div><style>.shots { width: 700px; display: flex } .shot-picture { width: 299px;
    height: 299px; display: block; position: relative } .shot + .shot .shot-picture { width: 300px;
    height: 300px }</style>${html}</div>`).querySelector('.playground');
  const names = ['page', 'paper', 'ink', 'ink2', 'line', 'line2', 'wash', 'pos', 'neg', ...[...'ABCDEFGH']
    .map((letter) => `class-${letter}`)];
  names.forEach((name, k) => root.style.setProperty(`--${name}`,
    `#${(240 - 9 * k).toString(16).padStart(2, '0')}${(30 + (67 * k) % 200).toString(16)}${(16 + 9 * k).toString(16)}`));
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const config = (name) => ({ dataset: { name } });
  const exercises = [
    { key: 'a', number: 1, title: 'Two at once', asked: 'Which is better?', ran: 'Both ran.', view: 'classes',
      runs: [{ name: 'small', config: config('small') }, { name: 'large', config: config('large') }] },
    { key: 'b', number: null, title: 'To try', asked: 'What is it?', ran: 'It ran.', view: 'confidence',
      runs: [{ name: 'only', config: config('only') }] },
    { key: 'c', number: null, title: 'To try, too', asked: 'And this?', ran: 'So.', view: 'disagreement',
      runs: [{ name: 'third', config: config('third') }] }];
  const asked = [];
  const lent = [];
  window.addEventListener('playground-config', ({ detail }) => lent.push(detail));
  const rows = { epoch: [0, 1, 2, 3], ...Object.fromEntries(['train_loss', 'test_loss', 'train_accuracy']
    .map((name, k) => [name, { mean: [0.5, 0.4, 0.3, 0.2].map((v) => v + k) }])),
  test_accuracy: { mean: [0.5, 0.625, 0.75, 0.905], low: [0.4, 0.5, 0.6, 0.7], high: [0.6, 0.7, 0.85, 1] } };
  const narrow = { ...rows, test_accuracy: { mean: [0.3, 0.4, 0.5, 0.65] } };
  const of = (news, more, extent) => ({ ...news, rows: more, result: null,
    start: { ...news.start, epochs: 1234, extent } });
  const [one, two] = [of(told, rows, [-2.04, 3, -1, 4.26]), of(other, narrow, [-9, 9, -8, 8])];
  const early = ['', JSON.stringify({ key: 'a', run: 0, stages: [one] })];
  const props = { value: '' };
  const receive = card.start({ props, early, trigger: (name, about) => asked.push([name, { ...about }]) },
    { exercises });
  const settled = async () => {
    for (let k = 0; k < 12; k += 1) await new Promise((done) => { setTimeout(done, 0); });
    await new Promise((done) => { requestAnimationFrame(done); });
  };
  const state = () => ({ told: `${part('exercise-film').dataset.state}: ${part('exercise-state').textContent}${
    part('exercise-stop').hidden ? '' : ' Stop'} ${part('exercise-take').hidden ? 'none'
    : part('exercise-take').textContent}`, slider: `${part('exercise-at').textContent}: ${part('exercise-epoch').value} of ${part('exercise-epoch').max} ${
      part('exercise-epoch').getAttribute('aria-valuetext')} ${part('exercise-epoch').parentElement.className}`,
    found: [...part('exercise-found').children].map(({ textContent }) => textContent),
    shots: [...part('shots').children].map((shot) => `${shot.getAttribute('aria-pressed')} ${
      shot.getAttribute('aria-label')} | ${shot.textContent} | ${shot.dataset.extent} ${shot.dataset.epoch}`) });
  const news = async (message) => {
    props.value = typeof message === 'string' ? message : JSON.stringify(message);
    receive();
    await settled();
    return state();
  };
  await settled();
  looks.buttons = lines(part('exercise-list'));
  looks.early = [early.length, part('exercise-body').hidden, part('exercise-take').hidden];
  const opened = () => [root.hasAttribute('data-lesson'), part('card').hidden,
    part('exercises-open').getAttribute('aria-expanded'), document.activeElement.dataset.part ?? ''];
  looks.opened = ['exercises-open', 'exercises-open', 'exercises-open', 'exercises-close'].map((name) => {
    press(part(name));
    return opened();
  });
  press(part('exercises-open'));

  const buttons = [...part('exercise-list').children];
  press(buttons[0]);
  looks.run = [asked.splice(0).map(([name, { key, press: n }]) => [name, key, n]), part('exercise-list').className,
    buttons.map((button) => button.getAttribute('aria-pressed')), part('shots').dataset.count,
    ...['exercise-title', 'asked', 'exercise-ran'].map((name) => part(name).textContent),
    part('exercise-body').hidden, state()];
  looks.news = { 'of a run that was left': await news({ key: 'a', run: 1, stages: [{ rows, frames: one.frames }] }),
    'of another': await news({ key: 'b', run: 1, stages: [one] }), first: await news({ key: 'a', run: 2,
      stages: [one], findings: ['Class 0 is 5 % ± 2 % better.'] }) };
  looks.matrix = lines(part('shots')).filter((line) => /table|caption|td/.test(line)).length;
  looks.news.second = await news({ key: 'a', run: 2, stages: [null, two], findings: [] });
  looks.shots = lines(part('shots'));
  looks.news['the same'] = await news(props.value);
  looks.news.empty = await news('');
  const grown = { ...rows, epoch: [4], ...Object.fromEntries(['train_loss', 'test_loss', 'train_accuracy']
    .map((name) => [name, { mean: [0.1] }])), test_accuracy: { mean: [0.99], low: [0.98], high: [1] } };
  looks.news.grown = await news({ key: 'a', run: 2, stages: [{ rows: grown }] });
  const drawn = () => [...part('shots').querySelectorAll('canvas')].map((canvas) => [canvas.className, canvas.width,
    ...tiles(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.width).data.buffer),
      canvas.width).slice(...(canvas.className === 'above' ? [3] : [0, 3])).map((all) =>
      all.filter((_, i) => i % 13 === 5))]);
  looks.drawn = drawn();
  const slide = (value) => {
    part('exercise-epoch').value = value;
    part('exercise-epoch').dispatchEvent(new Event('input'));
    return state();
  };
  looks.slid = [1, 2, 0].map(slide);
  looks.slid.push(await news({ key: 'a', run: 2, stages: [{ rows: { ...grown, epoch: [5] } }],
    findings: ['Classes 0 and 1.'] }));
  looks.slid.push(slide(part('exercise-epoch').max));
  press(part('shots').children[0]);
  looks.chosen = state();
  press(part('exercise-take'));
  looks.done = await news({ key: 'a', run: 2, stages: [], state: 'done', findings: ['Class 1.', 'It is 50 %.'] });
  looks.lent = lent;
  const list = part('exercise-found').firstElementChild;
  await news({ key: 'a', run: 2, stages: [], state: 'done', findings: ['Class 1.', 'It is 50 %.'], n: 1 });
  looks.kept = list === part('exercise-found').firstElementChild;

  // One run: its matrix; stopped, and run again. What is told begins at its top.
  const box = part('exercise-told');
  Object.assign(box.style, { display: 'block', height: '20px', overflow: 'auto' });
  box.scrollTop = 9;
  looks.scrolled = [box.scrollTop];
  press(buttons[1]);
  looks.scrolled.push(box.scrollTop);
  box.style.cssText = '';
  looks.tried = [asked.splice(0).map(([name, { key, press: n }]) => [name, key, n]), state()];
  looks.alone = await news({ key: 'b', run: 3, stages: [one], findings: ['Class 7.'] });
  looks.alone.matrix = lines(part('shots')).filter((line) => /table|caption|td/.test(line));
  press(part('exercise-take'));
  press(part('exercise-stop'));
  looks.stopped = [lent.length, lent.at(-1), asked.splice(0).map(([name, { press: n }]) => [name, n]), state(),
    await news({ key: 'b', run: 3, stages: [], state: 'done', findings: ['Late.'] })];
  press(buttons[1]);
  looks.again = [asked.splice(0).map(([name, { key, press: n }]) => [name, key, n]), state()];
  // What is decoded while another exercise begins, or while it is stopped, is not told.
  props.value = JSON.stringify({ key: 'b', run: 4, stages: [one], state: 'done', findings: ['Too late.'] });
  receive();
  await Promise.resolve();
  press(buttons[2]);
  await settled();
  looks.left = [asked.splice(0).map(([name, { key, press: n }]) => [name, key, n]), state()];
  press(buttons[1]);
  props.value = JSON.stringify({ key: 'b', run: 5, stages: [one], state: 'done', findings: ['Stopped.'] });
  receive();
  await Promise.resolve();
  press(part('exercise-stop'));
  await settled();
  looks['stopped meanwhile'] = state();
  press(buttons[1]);
  props.value = JSON.stringify({ key: 'b', run: 6, stages: [one], state: 'done', findings: ['Of before.'] });
  receive();
  await Promise.resolve();
  press(buttons[1]);
  await settled();
  looks['pressed again meanwhile'] = state();
  looks.resized = await news({ key: 'b', run: 7, stages: [one] });
  part('shots').style.display = 'none';
  part('exercise-found').replaceChildren();
  looks.unseen = slide(1);
  part('shots').style.display = '';
  document.body.classList.add('dark');
  root.style.setProperty('--class-A', '#0000ff');
  await settled();
  looks.dark = drawn();
  document.body.className = '';
  return looks;
}
