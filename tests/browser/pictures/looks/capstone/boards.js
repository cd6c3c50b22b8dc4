// The parts of the section of sweeps: lists, boxes, pointing and the network that was picked.
async ({ html, settings, news }) => {
  const calm = { matches: false };
  window.matchMedia = (query) => (query === '(prefers-reduced-motion: reduce)' ? calm : { matches: false });
  const { AxisList } = await load('capstone/sweep/axes');
  const { Own } = await load('capstone/sweep/own');
  const { Pointing } = await load('capstone/sweep/pointing');
  const { Member } = await load('capstone/sweep/member');
  const { ask, question } = await load('capstone/sweep/asked');
  const looks = { asked: [question('weigh')] };
  ask('weigh', { own: 1 });
  ask('choose', { key: 2 });
  ask('weigh', { own: 3 });
  looks.asked.push(question('weigh'), question('choose'), question('other'));

  const page = () => {
    document.body.innerHTML = `<style>canvas.picture { width: 320px; height: 320px } [data-part=curves] {
      width: 300px } .tip { position: absolute; width: 50px }</style><div style="width:700px;position:relative">${html}</div>`;
    return document.querySelector('.sweeps');
  };
  let root = page();
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const noted = [];
  const note = (name) => (...about) => {
    noted.push([name, ...about.map((one) => (one instanceof Event ? one.type : one))]);
  };
  const list = new AxisList(part('axes'), part('help'), settings, note('chosen'));
  const listed = (name) => { looks[name] = [lines(part('axes')), part('help').textContent]; };
  list.show('one', 'depth');
  listed('one setting');
  part('axes').querySelectorAll('button')[2].click();
  part('axes').querySelectorAll('button')[2].focus();
  list.show('one', 'epochs');
  listed('another setting');
  looks.focus = [document.activeElement.textContent];
  document.activeElement.blur();
  list.show('two', 'depth-epochs');
  listed('two settings');
  looks.focus.push(document.activeElement.localName, noted.splice(0));

  const own = new Own(part('own'), settings, { changed: note('changed'), run: note('run'), stop: note('stop') });
  const boxes = ['over', 'values', 'and_over', 'and_values', 'members', 'epochs-box', 'points', 'card'];
  const stand = (name) => {
    looks[name] = [...boxes.map((box) => `${box} = ${part(box).value}${part(box).disabled ? ' disabled' : ''}`),
      ...['over-box', 'card-box', 'run', 'stop'].map((box) => `${box} ${part(box).hidden}`),
      [...root.querySelectorAll('[data-two]')].map(({ hidden }) => hidden), own.asked(),
      [part('cost').textContent, part('cost').className], noted.splice(0)];
  };
  const write = (box, value, kind = 'change') => {
    part(box).value = value;
    if (kind !== 'change') part(box).dispatchEvent(new Event('input'));
    part(box).dispatchEvent(new Event(kind));
  };
  own.choose('width', null);
  stand('boxes of one');
  write('values', '3, 4', 'input');
  write('members', 7);
  write('points', 'same');
  part('card').checked = true;
  part('card').dispatchEvent(new Event('change'));
  own.choose('epochs', null);
  stand('boxes of epochs');
  own.choose('width', 'depth');
  write('and_values', '9', 'input');
  write('members', '');
  write('epochs-box', '');
  stand('boxes of two');
  write('over', 'depth');
  write('and_over', 'epochs');
  stand('boxes of two others');
  write('and_over', 'width');
  write('epochs-box', 30);
  write('values', '5');
  write('and_values', '6');
  stand('what was typed');
  const details = part('own');
  details.open = true;
  await until(() => noted.length);
  looks.opened = noted.splice(0);
  details.open = false;
  for (const [box, key] of [['values', 'Enter'], ['values', 'a'], ['points', 'Enter']]) {
    part(box).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  }
  part('run').click();
  part('stop').click();
  stand('keys and presses');
  for (const [name, told] of Object.entries({ runs: { running: true }, costs: { cost: 'A minute.' },
    wrong: { cost: 'x', error: 'No.' }, right: { error: '' }, ends: { running: false, cost: '' } })) {
    own.tell(told);
    stand(name);
  }
  root = page();
  new Own(part('own'), { ...settings, lent: true }, { changed: note('changed') });
  looks.lent = [part('card-box').hidden, lines(part('over')).join(' ')];

  // A chart that is pointed at.
  const timers = [];
  const timeout = window.setTimeout;
  window.setTimeout = (call, wait) => {
    timers.push({ call, wait, dropped: false });
    return timers.length;
  };
  window.clearTimeout = (id) => { if (timers[id - 1]) timers[id - 1].dropped = true; };
  const board = part('board');
  board.style.width = '400px';
  board.innerHTML = '<svg style="display:block;width:400px;height:200px"></svg>';
  board.parentElement.style.position = 'relative';
  const chart = { svg: board.firstElementChild, width: 800, ring: note('ring'), nearest: (x, y) => {
    noted.push(['nearest', Math.round(x), Math.round(y)]);
    return y > 300 ? null : { index: Math.round(x), ...(x > 100 && { member: 2 }) };
  } };
  const act = { draw: note('draw'), pick: note('pick'), again: note('again'), describe: (place) => `at ${place.index}`,
    step: (key) => ({ ArrowLeft: { index: 4, member: 1 }, Home: undefined })[key] ?? (key === 'Home' ? undefined
      : null) };
  const pointing = new Pointing(board, act);
  const acts = [];
  const tell = (name) => acts.push([name, noted.splice(0), pointing.tip.hidden, pointing.tip.textContent,
    pointing.tip.style.left, pointing.tip.style.top, board.className, board.getAttribute('aria-label'),
    timers.map(({ wait, dropped }) => `${wait} ${dropped}`)]);
  const at = (kind, x, y) => {
    const { left, top } = chart.svg.getBoundingClientRect();
    board.dispatchEvent(new PointerEvent(kind, { clientX: left + x, clientY: top + y, bubbles: true }));
  };
  pointing.ring({ index: 1 });
  at('pointermove', 10, 10);
  at('click', 10, 10);
  tell('no chart yet');
  await until(() => noted.some(([name]) => name === 'draw'));
  tell('shown');
  pointing.show(chart, 'What it is.');
  pointing.ring({ index: 1 });
  at('pointermove', 20, 30);
  tell('pointed at');
  at('pointermove', 390, 40);
  tell('at the right end');
  at('pointermove', 20, 180);
  tell('at nothing');
  at('pointermove', 60, 20);
  board.dispatchEvent(new PointerEvent('pointerleave'));
  tell('left');
  at('click', 70, 60);
  at('click', 20, 60);
  at('click', 20, 190);
  tell('pressed');
  for (const key of ['ArrowLeft', 'Home', 'x', ' ', 'ArrowLeft', 'ArrowLeft', 'Enter']) {
    const event = new KeyboardEvent('keydown', { key, cancelable: true });
    board.dispatchEvent(event);
    tell(`key ${key} ${event.defaultPrevented}`);
  }
  timers.at(-1).call();
  tell('rested');
  board.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
  at('click', 70, 60);
  tell('pressed before it rested');
  board.style.height = '333px';
  await until(() => false, 4);
  tell('another height');
  board.style.width = '500px';
  await until(() => noted.length);
  tell('another width');
  looks.pointing = acts;
  window.setTimeout = timeout;

  // The network that was picked.
  const place = part('member');
  console.error = note('went wrong');
  const member = new Member(place, settings, note('again'));
  const held = (name) => {
    looks[name] = [place.dataset.state, place.dataset.epoch ?? 'none', member.asked, member.at, member.playing ?? false,
      ...['again', 'film', 'curves', 'picture', 'place'].map((one) => `${one} ${part(one).hidden}`),
      part('text').textContent, part('news').textContent, part('epoch').textContent,
      ...['play', 'moment'].flatMap((one) => lines(part(one)).slice(0, 1)), noted.splice(0)];
  };
  held('nothing picked');
  looks['colours of curves'] = place.getAttribute('style');
  const column = { index: 2, label: 'Width 4', accuracy: { train: [0.5, 0.91], test: [0.6, 0.82],
    fresh: [0.7, 0.73] }, loss: { test: [0.1, 0.22], fresh: [0.333, null] }, own_best: [0.95, null] };
  member.show(column, 0, 20, 'fresh');
  held('picked');
  member.show(column, 1, 20, 'fresh');
  held('another of it');
  member.show(column, 1, 20, 'test');
  held('the same');
  member.show({ ...column, index: 3, accuracy: { ...column.accuracy, fresh: [] }, own_best: [] }, 1, 7, 'test');
  held('of no fresh points');
  part('again').click();
  held('pressed');
  const message = (asked, state, told, ...stages) => ({ asked, state, told,
    ...(stages.length && { film: JSON.stringify({ stages }) }) });
  const heard = async (name, ...about) => {
    member.receive(message(...about));
    await member.queue;
    held(name);
  };
  const first = member.wait();
  held('waits');
  await heard('of another press', first - 1, 'done', 'x', news[0]);
  await heard('begun', first, 'training', 'Epoch 0', news[0]);
  await heard('a moment', first, 'training', 'Epoch 1', news[1]);
  await heard('three', first, 'training', 'Epoch 2', news[2]);
  looks['a network, drawn'] = [lines(part('curves')).filter((line) => !/line x1|text x/.test(line))
    .map((line) => line.replaceAll(/clip-\w+/g, 'clip')), lines(part('key')), member.stage.tiles.length,
  lines(part('picture'))];
  await heard('done', first, 'done', '', news[3]);
  await heard('told of no film', first, 'error', 'There is no room.');
  const key = (name) => {
    const event = new KeyboardEvent('keydown', { key: name, cancelable: true });
    member.stage.picture.canvas.dispatchEvent(event);
    epochs.push([name, event.defaultPrevented, member.at, part('epoch').textContent]);
  };
  const epochs = [];
  for (const name of ['ArrowLeft', 'Home', 'ArrowLeft', 'ArrowRight', 'End', 'ArrowRight', 'y']) key(name);
  looks['by keys'] = epochs;
  part('moment').value = 1;
  part('moment').dispatchEvent(new Event('input'));
  held('by the slider');
  const box = () => [...place.querySelectorAll('.curves svg')].map((svg) => svg.getAttribute('viewBox'));
  const drawn = box();
  looks['as wide as it is'] = [drawn];
  part('curves').style.width = '220px';
  place.style.width = '500px';
  await until(() => box().join() !== drawn.join());
  looks['as wide as it is'].push(box());
  part('curves').style.width = '300px';
  place.style.width = '';
  const { dots } = member.stage.picture;
  document.body.classList.add('dark');
  const another = () => Boolean(member.stage.picture.dots) && member.stage.picture.dots !== dots;
  await until(another);
  looks.dressed = another();
  const frames = [];
  const clock = performance.now;
  let time = 100;
  window.requestAnimationFrame = (call) => frames.push(call);
  performance.now = () => time;
  const roll = (...times) => times.map((wait) => {
    time += wait;
    for (const call of frames.splice(0)) call(time);
    return `${time} ${member.at} ${member.playing} ${frames.length} ${part('epoch').textContent}`;
  });
  part('play').click();
  held('played');
  looks.played = [...roll(89, 1, 90, 90, 90)];
  part('play').click();
  looks.played.push('from its end', ...roll(90, 10));
  part('play').click();
  looks.played.push('paused', ...roll(90, 90));
  part('play').click();
  member.forget();
  looks.played.push('another is picked', ...roll(90, 90));
  held('another is picked');
  const second = member.wait();
  member.receive(message(second, 'done', '', news[0]));
  member.receive(message(second, 'done', '', news[2]));
  await member.queue;
  part('play').click();
  part('play').click();
  part('play').click();
  const third = member.wait();
  await heard('trained again while it is played', third, 'done', '', { ...news[0], ...news[2] });
  looks.played.push('trained again while it is played', ...roll(90, 90));
  part('play').click();
  const fourth = member.wait();
  member.receive(message(fourth, 'training', '', news[0]));
  member.receive(message(fourth, 'training', '', news[1]));
  await heard('trained once more', fourth, 'done', '', news[2]);
  part('play').click();
  looks.played.push('and played before the next picture', ...roll(90, 90, 90));
  part('play').click();
  calm.matches = true;
  member.seek(0);
  part('play').click();
  looks.played.push('played with little motion', ...roll(90));
  part('play').click();
  looks.played.push('and again', ...roll(90));
  calm.matches = false;
  part('play').click();
  root.remove();
  looks.played.push('taken away', ...roll(90, 90));
  performance.now = clock;
  return looks;
}
