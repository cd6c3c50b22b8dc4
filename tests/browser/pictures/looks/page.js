// Words that are explained, and the small modules of the page, of texts that are made here.
async ({ html }) => {
  const looks = {};
  const pass = clock();
  const { EVERYDAY, GLOSSARY } = await load('page/glossary');
  const { Words, watchWords } = await load('page/words');
  const gloss = await load('page/gloss');
  const told = (parts) => parts.map((part) => (typeof part === 'string' ? part
    : `[${part.dataset.term}: ${part.textContent}]`)).join('');
  const TEXTS = [['The loss fell, and the loss rose.', 'loss'], ['Log loss, loss and log-losses.',
    'loss', 'log loss'], ['LOSSES of epochs; an epoch', 'epoch', 'loss'], ['flossy losses', 'loss'],
  ['a loss-like thing, un-loss, loss', 'loss'], ['84 ± 2', '±'],
  ['+3 points, 2.5 points, 7 points, a percentage point', 'percentage points'], ['7 points',
    'percentage points'], ['from [0.1, 0.4] to [a, b]', '[a, b]'], ['[−1, 2]', '[a, b]'],
  ['The log-loss and the loss', 'loss', 'log loss'], ['A test set is no test', 'test', 'test set'],
  ["Bayes' error is it", 'Bayes’ error'], ['no such word'], ['nothing here', 'loss'], ['loss', 'loss'],
  ['one.two', 'one.two'], ['oneXtwo', 'one.two'], ['boxes of box', 'box']];
  looks.marked = TEXTS.map(([text, ...terms]) => {
    const words = new Words('playground', terms);
    return `${told(words.mark(text))} | left ${words.left.join(', ')}`;
  });
  const once = new Words('playground', ['loss', 'epoch', 'accuracy']);
  looks.once = ['The loss at an epoch.', 'The loss again, its accuracy.', 'All of them: loss, epoch.']
    .map((text) => told(once.mark(text)));

  // Words where they stand, and their explanations.
  document.body.innerHTML = '';
  const word = gloss.explained('heart', 'log loss');
  const button = gloss.termButton('heart', 'recall', 'Found');
  const marked = document.createElement('div');
  marked.innerHTML = '<b data-term="epoch">an epoch</b><button data-term="loss">L</button>'
    + '<i data-term="loss" aria-describedby="x">known</i><em data-tip="A tip.">tip</em>'
    + '<dfn aria-describedby="own">own</dfn><span id="own">Its own.</span><u data-term="zz">none</u>';
  marked.querySelector('u').setAttribute('aria-describedby', 'nowhere');
  document.body.append(word, button, gloss.explained('heart', 'log loss', 'again'), marked);
  gloss.explainMarked(marked, 'playground');
  looks.words = lines(document.body).filter((line) => !/ p id=/.test(line));
  looks.explanations = ['heart/log loss', 'heart/recall', 'playground/epoch', 'playground/loss'].map(
    (one) => {
      const [tab, key] = one.split('/');
      const place = document.getElementById(`word-${tab}-${key.replace(' ', '-')}`);
      return `${one}: ${place.textContent === GLOSSARY[tab][key]}, hidden ${place.parentElement.hidden}`;
    });
  const box = () => document.querySelector('#gloss');
  const shown = [];
  const meanings = { [GLOSSARY.heart['log loss']]: 'log loss', [GLOSSARY.heart.recall]: 'recall',
    [GLOSSARY.playground.epoch]: 'epoch', [GLOSSARY.playground.loss]: 'loss' };
  const note = (name) => shown.push(`${name}: ${!box() || box().hidden ? 'nothing'
    : meanings[box().textContent] ?? box().textContent}`);
  const over = (element, type = 'mouseover') => element.dispatchEvent(new MouseEvent(type,
    { bubbles: true }));
  note('at first');
  for (const element of [word, marked, marked.querySelector('b'), marked.querySelector('em'),
    marked.querySelector('dfn'), marked.querySelector('u'), button]) {
    over(element);
    note(`over ${element.textContent}`);
    over(element, 'mouseout');
    note('out');
  }
  word.focus();
  note('focus');
  word.blur();
  note('blur');
  button.dispatchEvent(new FocusEvent('focusin', { bubbles: true }));
  note('a button that was pressed');
  over(word);
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
  note('a key');
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  note('Escape');
  over(word);
  window.dispatchEvent(new Event('scroll'));
  note('scrolled');
  over(word);
  marked.dispatchEvent(new Event('scroll'));
  note('scrolled inside');
  looks.shown = shown;
  document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { margin: 0 } '
    + '#gloss { position: fixed; width: 200px; height: 60px }' }));
  const spot = document.createElement('dfn');
  spot.dataset.tip = 'Where?';
  document.body.append(spot);
  const [wide, high] = [document.documentElement.clientWidth, window.innerHeight];
  looks.places = [[100, 50], [-20, 50], [wide - 50, 50], [wide - 208, 50], [100, high - 20],
    [100, high - 88], [100, high - 87], [100, -30], [100, 10, high - 20], [100, 90, high - 100]].map(([x, y, tall = 20]) => {
    spot.style.cssText = `position: fixed; left: ${x}px; top: ${y}px; width: 40px; height: ${tall}px`;
    over(spot);
    const near = (text, size) => Math.round(parseFloat(text) - size);
    return `${Math.round(x)} → ${near(box().style.left, x)}, → ${near(box().style.top, y)}`;
  });

  // A text that changes is looked through again, a while after.
  const root = document.createElement('div');
  root.style.cssText = 'width: 300px; height: 200px; overflow: hidden';
  root.innerHTML = '<p>Loss at an epoch.</p><p>The loss, and its accuracy.</p><ul><li>12</li></ul>'
    + '<p hidden>regularisation</p><pre>momentum</pre><details><summary>sum</summary>optimiser</details>'
    + '<label><input type="checkbox">median</label><button>batch size</button><span></span>';
  document.body.replaceChildren(root);
  watchWords(root, 'playground');
  const found = [];
  const find = async (name, wait = 200, sizes = false) => {
    await pass(0, sizes);
    await pass(wait);
    found.push(`${name}: ${[...root.querySelectorAll('[data-term]')].map((one) =>
      `${one.textContent} in ${one.parentElement.localName}`).join('; ')}`);
  };
  await find('before', 199, true);
  await find('at first', 1);
  const [first, second, hidden] = root.querySelectorAll('p');
  hidden.hidden = false;
  await find('shown');
  root.querySelector('details').open = true;
  await find('opened');
  second.textContent = 'Its median.';
  await find('another text');
  root.querySelector('li').textContent = 'variance';
  await find('a number that is a word');
  first.remove();
  await find('gone');
  root.querySelector('span').append('overfitting of the loss');
  await find('more');
  root.querySelector('button').textContent = 'bias';
  second.setAttribute('class', 'softmax');
  await find('what is pressed');
  root.style.display = 'none';
  second.textContent = 'The bias.';
  await find('while it is not seen');
  root.style.display = 'block';
  await find('seen', 200, true);
  root.append(Object.assign(document.createElement('i'), { textContent: 'by hand' }));
  root.lastChild.dataset.term = 'loss';
  await find('marked by hand');
  found.push(root.lastChild.getAttribute('aria-describedby'));
  // Words that go from inner places are marked where else they stand.
  const [inner, outer] = [document.createElement('section'), document.createElement('em')];
  inner.innerHTML = '<p>A gradient.</p><b>12</b><p><u>Of a seed.</u> More.</p><s>Or shuffled.</s>';
  outer.textContent = 'Seed, gradient and shuffled rows.';
  root.append(inner, outer);
  await find('in an inner place');
  inner.firstChild.remove();
  await find('gone from there');
  inner.querySelector('u dfn').remove();
  await find('gone itself');
  inner.lastChild.append(' and more');
  outer.append(` logits, ${EVERYDAY.filter((key) => key in GLOSSARY.playground).join(', ')}`);
  await find('added to both');
  root.append(Object.assign(document.createElement('q'), { textContent: 'MOMENTUM' }));
  await find('in capitals');
  // What is shown or hidden by a state.
  const states = ['hidden', 'open', 'data-state', 'data-empty', 'data-kind', 'data-other'];
  const places = states.map((name, i) => {
    const place = document.createElement('div');
    place.innerHTML = `<em>${['sigmoid', 'tanh', 'dropout', 'cross-entropy', 'one-hot', 'softmax'][i]}</em>`;
    if (name === 'data-empty') place.setAttribute(name, '');
    return place;
  });
  const sheet = document.createElement('style');
  sheet.textContent = 'div:not([open]) > em.open, div:not([data-state]) > em.data-state, [data-empty] > em, '
    + 'div:not([data-kind=own]) > em.data-kind, div:not([data-other]) > em.data-other { display: none }';
  document.head.append(sheet);
  states.forEach((name, i) => { places[i].firstChild.className = name; });
  places[0].hidden = true;
  root.append(...places);
  await find('of several states');
  for (const [i, name] of states.entries()) {
    if (['hidden', 'data-empty'].includes(name)) places[i].removeAttribute(name);
    else places[i].setAttribute(name, 'own');
    await find(`another ${name}`);
  }
  root.append(Object.assign(document.createElement('b'), { textContent: 'A sigmoid.' }));
  await find('seen above');
  places[0].hidden = true;
  await find('hidden above');
  looks.found = found;

  // Bytes, presses and a script.
  const { toBytes, inflate } = await load('page/bytes');
  const deflated = async (size) => {
    const { readable, writable } = new CompressionStream('deflate');
    const writer = writable.getWriter();
    writer.write(Uint8Array.from({ length: size }, (_, i) => (i * i) % 251));
    writer.close();
    const bytes = new Uint8Array(await new Response(readable).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
  };
  const bytes = async (size) => {
    const found2 = await inflate(await deflated(size));
    return `${found2.length} ${found2.buffer.byteLength}: ${found2.slice(0, 5)}; wrong ${
      [...found2].filter((value, i) => value !== (i * i) % 251).length}`;
  };
  looks.bytes = [[...toBytes('AAH/gA==')].join(' '), await bytes(0), await bytes(5), await bytes(200_000),
    await inflate('AAAA').catch((error) => error.name)];
  const { Presses } = await load('page/presses');
  const left = [];
  const presses = new Presses((about) => left.push(`left ${JSON.stringify(about)}`));
  const pages = (about) => JSON.stringify(about).replace(presses.page, 'this page');
  const ask = (name) => left.push(`${name}: ${presses.open} ${presses.count}, waits for `
    + `${[undefined, 0, 1, 2, 3].filter((press) => presses.waitsFor(press))}`
    + `${presses.waitsFor(undefined) ? ' none' : ''}`);
  ask('at first');
  presses.leave();
  left.push(pages(presses.begin()));
  ask('begun');
  left.push(pages(presses.begin()));
  ask('begun again');
  presses.end();
  ask('ended');
  presses.leave();
  left.push(pages(presses.begin()));
  presses.leave();
  presses.leave();
  ask('left');
  looks.presses = left.map((line) => line.replace(presses.page, 'this page'));

  const { start } = await load('page/code/code');
  document.body.innerHTML = `<div id="home">${html}</div>`;
  const home = document.querySelector('#home');
  const triggered = [];
  const props = { value: null };
  const tell = start({ element: home, props, trigger: (...about) => triggered.push(about) });
  const part = (name) => home.querySelector(`[data-part="${name}"]`);
  const script = [];
  let allowed = true;
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => {
    if (!allowed) throw new Error('no');
    script.push(`copied ${text}`);
  } } });
  let before = [];
  const look = async (name) => {
    await pass();
    const [now, news] = changed(home, before);
    before = now;
    script.push(`${name}: ${JSON.stringify(triggered.splice(0))} selected ${getSelection()}`, ...news);
  };
  await look('at first');
  for (const name of ['opened', 'closed', 'opened again']) {
    part('open').click();
    await look(name);
  }
  tell();
  await look('nothing came');
  props.value = 'import numpy';
  tell();
  await look('fetched');
  part('copy').click();
  await look('copied');
  allowed = false;
  part('copy').click();
  await look('not copied');
  for (const name of ['closed', 'and opened']) {
    part('open').click();
    await look(name);
  }
  looks.script = script;

  const { fetchLater } = await load('page/later');
  const links = () => [...document.querySelectorAll('link[rel=modulepreload]')].map((link) =>
    `${link.getAttribute('href')} ${link.fetchPriority}`);
  window.requestIdleCallback = (act) => act();
  fetchLater(['data:text/javascript,1', 'data:text/javascript,2']);
  await pass(2999);
  looks.later = [links()];
  await pass(1);
  looks.later.push(links());
  window.requestIdleCallback = undefined;
  fetchLater(['data:text/javascript,3']);
  await pass(3000);
  await pass(0);
  looks.later.push(links());

  const { download } = await load('charts/save');
  const files = [];
  URL.createObjectURL = (blob) => `data:,${blob.size}`;
  URL.revokeObjectURL = (url) => files.push(`let go of ${url}`);
  HTMLAnchorElement.prototype.click = function click() {
    files.push(`pressed ${this.download} ${this.getAttribute('href')} ${this.isConnected}`);
  };
  for (const name of ['one', 'other']) download(new Blob([name]), `${name}.txt`);
  files.push(`links ${document.querySelectorAll('a').length}`);
  await pass(4999);
  files.push('after nearly five seconds');
  await pass(1);
  looks.download = files;

  const { node, tellProblem, write, sizeOf } = await load('page/dom');
  const sized = node('div', { style: 'width: 50px; height: 20px' }, 'text', node('b', {}, '<i>'));
  const sizes = [sizeOf(sized)];
  document.body.replaceChildren(sized);
  sizes.push(sizeOf(sized));
  sized.style.width = '70px';
  sizes.push(sizeOf(sized));
  await pass(0, true);
  sizes.push(sizeOf(sized));
  const child = sized.firstChild;
  write(sized, sized.textContent);
  looks.dom = [sizes, sized.firstChild === child, tellProblem(sized, {}), sized.firstChild === child,
    tellProblem(sized, { error: 'No.' }), lines(sized)];
  write(sized, 'other');
  looks.dom.push(sized.textContent);
  return looks;
}
