// The drawn network of made-up weights: its links, what is said of units, when it is built anew.
async () => {
  const { Links } = await load('playground/network/links');
  const { HoverCard } = await load('playground/network/hover');
  const { Diagram } = await load('playground/network/diagram');
  const looks = {};
  const draw = lot(17);
  const weights = (sizes, about = {}) => ({ sizes, activation: 'tanh', outputs: 'logits',
    features: ['x2', 'x1*x2', 'sin(x1)'].slice(0, sizes[0]), ...about });
  const member = (count, by = 2) => Float32Array.from({ length: count }, () => by * (draw() - 0.45));
  const filmOf = (sizes, about = {}) => {
    const film = madeFilm({ classes: Math.max(2, sizes.at(-1)), widths: sizes.slice(1, -1),
      weights: weights(sizes, about.weights), points: [0, 1, 2, 3].map((k) => ({ x: k - 1, y: 2 - k * k,
        label: k % 2, part: 0 })), ...about.start });
    film.number = about.number ?? 'one';
    film.moments = [0, 5, 9].map((epoch) => ({ epoch, key: epoch,
      members: Array.from({ length: film.members }, () => member(film.network.count)) }));
    return film;
  };

  // Lines, of units that are looked at, asked about and dead.
  const three = filmOf([3, 4, 2, 3]);
  const reading = new Reading(three, three.moments[1]);
  const column = (layer, count) => Array.from({ length: count }, (_, unit) =>
    ({ layer, unit, x: 20 + 90 * layer, y: 15 + 40 * unit + 7 * layer }));
  const columns = [3, 4, 2, 3].map((count, layer) => column(layer, count));
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  document.body.replaceChildren(svg);
  const heard = [];
  const links = new Links(svg, (link) => heard.push(link && [link.layer, link.from.unit, link.to.unit]));
  links.build(columns, 22);
  const looked = (about) => {
    links.draw(about.reading ?? reading, { hot: null, asked: null, ...about });
    return links.links.map(({ path: { style }, from, to, layer }) => `${layer} ${from.unit} ${to.unit} ${
      [style.stroke.slice(6, -1), style.strokeWidth, style.strokeOpacity].join(' ')}`);
  };
  looks.paths = lines(svg).filter((_, i) => i % 4 === 1);
  looks.links = { 'at rest': looked({}), 'one is looked at': looked({ hot: columns[1][2] }),
    'an input': looked({ hot: columns[0][1] }), 'an output': looked({ hot: columns[3][0] }),
    asked: looked({ asked: reading.at({ x: 0.5, y: -1.5 }) }) };
  columns[1][3].dead = true;
  looks.links.dead = looked({});
  looks.links['dead, looked at'] = looked({ hot: columns[2][1] });
  looks.links.broken = looked({ reading: { ...reading, network: reading.network, broken: true,
    moment: reading.moment } }).slice(0, 3);
  looks.links.unknown = looked({ reading: { network: null } }).slice(0, 3);
  for (const [kind, target] of [['pointerover', svg.children[5]], ['pointerout', svg.children[5]],
    ['pointerover', svg], ['pointerover', svg.lastElementChild]]) {
    target.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
  }
  looks.heard = heard;

  // What is said of a unit or a link, and where.
  const card = (film, unit, about = {}) => {
    const box = room(about.width ?? 600, about.height ?? 300, '<style>.hover { position: absolute;'
      + 'width: 180px; height: 120px; overflow: hidden }</style>');
    const one = new HoverCard(box);
    const button = document.createElement('button');
    button.style.cssText = 'position:absolute;width:40px;padding:0;border:0';
    box.append(button);
    const hidden = [one.root.hidden];
    const read = about.reading ?? new Reading(film, film.moments[about.at ?? 1]);
    if (about.link) one.link(unit && { ...unit }, { reading: read });
    else one.show({ button, ...unit }, { reading: read, colours });
    hidden.push(one.root.hidden);
    const canvas = one.root.querySelector('canvas');
    const drawn = lines(one.root);
    one.hide();
    return [`hidden ${hidden}, ${one.root.hidden}`, canvas ? tiles(new Uint32Array(canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.width).data.buffer), canvas.width)[1].filter((_, i) =>
      i % 11 === 0) : 'none', drawn];
  };
  const wide = filmOf([2, 11, 1], { weights: { outputs: 'one_logit', activation: 'relu' },
    start: { classes: 2, names: ['ill', 'well'] } });
  const none = { network: null, film: three, moment: {} };
  looks.cards = { first: card(three, { layer: 1, unit: 2, x: 100, y: 150 }),
    deeper: card(three, { layer: 2, unit: 1, x: 300, y: 150 }),
    output: card(three, { layer: 3, unit: 2, x: 580, y: 20, isOutput: true }),
    'of nine weights and more': card(wide, { layer: 2, unit: 1, x: 560, y: 295, isOutput: true }, { at: 2 }),
    'never below zero': card(wide, { layer: 1, unit: 10, x: 100, y: 150, dead: true }),
    unknown: card(three, { layer: 1, unit: 0, x: 0, y: 0 }, { reading: none }),
    broken: card(three, { layer: 1, unit: 0, x: 0, y: 0, dead: true },
      { reading: { ...none, network: three.network, broken: true } }) };
  const link = (layer, from, to, about = {}) => ({ layer, weight: -0.12345, from: { unit: from, x: 100,
    y: 40 }, to: { unit: to, x: 240, y: 90, ...about } });
  looks.cards.scales = [[1, 4], [2, 2], [3, 3]].map(([layer, units]) => Array.from({ length: units },
    (_, k) => card(three, { layer, unit: k, x: 0, y: 0 })[2].slice(5, 9).join('')));
  looks.cards.links = [card(three, link(0, 1, 3), { link: true }), card(three, link(1, 3, 1), { link: true }),
    card(three, link(2, 1, 2, { isOutput: true }), { link: true }), card(three, null, { link: true }),
    card(three, link(0, 1, 3), { link: true, reading: none })];
  const places = [[0, 0], [100, 150], [300, 299], [1240, 150], [1100, 30], [1048, 90], [1049, 90]].map(([x, y]) =>
    card(three, { layer: 1, unit: 0, x, y }, { width: 1250 })[2][0]);
  looks.places = [window.innerWidth, ...places];

  // The whole, drawn again and again: what is built, painted and told each time.
  const net = (width, height) => room(width, height, '<section data-part="net" style="width:100%;'
    + 'height:100%;position:relative"><svg data-part="links"></svg></section>');
  const begin = (film, features, size = [640, 460]) => {
    const asked = [];
    const root = net(...size);
    const diagram = new Diagram(root, { feature: (name) => asked.push(name),
      widths: (widths) => asked.push(widths) });
    const told = [];
    let built = 0;
    const { build: real } = diagram;
    diagram.build = () => {
      built += 1;
      real.call(diagram);
    };
    let drawn = 0;
    const { draw: links2 } = diagram.links;
    diagram.links.draw = (...given) => {
      drawn += 1;
      links2.apply(diagram.links, given);
    };
    const step = (what, about = {}) => {
      const now = { reading: new Reading(about.film ?? film, (about.film ?? film).moments[about.at ?? 1]),
        config: { dataset: { features } }, colours, asked: null, rest: true, fleeting: false, ...about };
      [built, drawn] = [0, 0];
      diagram.draw(now);
      told.push(`${what}: built ${built}, links ${drawn}`);
      return now;
    };
    return { root, diagram, asked, told, step };
  };
  const small = begin(three, three.start.weights.features);
  small.step('at first');
  small.step('the same');
  small.step('fleeting', { at: 2, fleeting: true });
  small.step('dark', { colours: { ...colours, dark: true }, fleeting: true });
  small.step('light');
  const outputs = small.root.querySelectorAll('.unit.out');
  outputs[1].focus();
  looks.focused = [document.activeElement.dataset.key, small.diagram.hot?.layer,
    small.diagram.card.root.hidden];
  small.step('looked at', { at: 0 });
  outputs[1].dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
  outputs[1].dispatchEvent(new Event('pointerenter'));
  looks.focused.push(small.diagram.hot?.unit);
  outputs[1].dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  looks.focused.push(small.diagram.hot, small.diagram.card.root.hidden);
  for (const [come, go] of [['pointerenter', 'pointerleave'], ['focus', 'blur']]) {
    outputs[0].dispatchEvent(new Event(come));
    looks.focused.push(`${come} ${small.diagram.hot?.unit}`);
    outputs[0].dispatchEvent(new Event(go));
    looks.focused.push(`${go} ${small.diagram.hot} ${small.diagram.card.root.hidden}`);
  }
  const unit = small.root.querySelector('[data-key=u1-2]');
  unit.focus();
  const place = (what, at) => small.step(what, { asked: new Reading(three, three.moments[1]).at(at) });
  place('asked', { x: 0.5, y: 2 });
  looks.told = { asked: lines(small.root).filter((line) => /button|tag|small/.test(line)) };
  small.step('no more');
  looks.told['no more'] = lines(small.root).filter((line) => /button|tag|small/.test(line));
  const others = ['x1', ...three.start.weights.features.slice(1)];
  small.step('as many inputs', { config: { dataset: { features: others } } });
  looks.told['as many inputs'] = lines(small.root).filter((line) => /unit in/.test(line));
  small.step('other inputs', { config: { dataset: { features: ['x1', 'x2'] } } });
  looks.told['other inputs'] = [...lines(small.root).filter((line) => /button|name/.test(line)),
    document.activeElement.dataset.key];
  for (const button of small.root.querySelectorAll('.stepper button, .unit.in')) press(button);
  looks.pressed = small.asked;
  looks.built = small.told;
  const ends = begin(filmOf([1, 1, 256, 8, 2]), ['x2']);
  ends.step('at the ends');
  looks.steppers = [...ends.root.querySelectorAll('.stepper button')].map((button) =>
    `${button.getAttribute('aria-label')} ${button.disabled}`);
  for (const button of ends.root.querySelectorAll('.stepper button')) button.click();
  looks.steppers.push(ends.asked, ends.root.querySelector('.more').textContent);

  // How many units a layer has after one press and the next.
  const bare = Object.assign(Object.create(Diagram.prototype), { box: room(9, 9), act: { widths: ([width]) =>
    looks.widths.push(width) } });
  looks.widths = [1];
  const stepped = (which) => {
    bare.box.replaceChildren();
    bare.heads([0, 0], [looks.widths.at(-1)]);
    const button = bare.box.querySelectorAll('.stepper button')[which];
    button.click();
    return !button.disabled;
  };
  for (const which of [1, 0]) while (stepped(which));
  for (const width of [9, 11, 200, 255]) {
    looks.widths.push(width);
    stepped(0);
    looks.widths.push(width);
    stepped(1);
  }
  looks.widths = looks.widths.join(' ');

  // Wide layers: which units are drawn is settled at rest, and once a run.
  const large = filmOf([2, 12, 9, 3]);
  const other = filmOf([2, 12, 9, 3], { number: 'two' });
  const strong = begin(large, ['x2', 'x1*x2']);
  const drawn = () => [...strong.root.querySelectorAll('[data-key^=u]')].map((e) => e.dataset.key).join(' ');
  looks.strong = [['at first', { at: 0 }], ['plays', { at: 1, rest: false }], ['at rest', { at: 1 }],
    ['later', { at: 2, rest: false }], ['later, at rest', { at: 2 }],
    ['a third at the same epoch', { film: filmOf([2, 12, 9, 3], { number: 'three' }), at: 2 }],
    ['another', { film: other, at: 1, rest: false }], ['another, plays', { film: other, at: 2, rest: false }]]
    .map(([what, about]) => {
      strong.step(what, about);
      return drawn();
    });
  looks.strong.push(...strong.told);

  // Dead units, a broken network, one that the server draws, and one of a single logit.
  const relu = filmOf([2, 3, 2], { weights: { activation: 'relu' } });
  const gone = relu.moments[1].members[0];
  for (const k of [6, 8]) gone[k] = -50;
  const broken = filmOf([2, 3, 2]);
  broken.moments[1].members[0][2] = NaN;
  const server = madeFilm({ widths: [3, 2], layers: [3, 2], classes: 3, side: 6 });
  server.number = 'server';
  server.moments = [0, 1].map((epoch) => ({ epoch, key: epoch, region: Uint8Array.from({ length: 36 },
    (_, i) => (i * 7) % 96), neurons: epoch ? Uint8Array.from({ length: 5 * 576 }, (_, i) =>
    Math.floor(i / 576) * 3 + (i % 5)) : undefined }));
  const pixels = (canvas) => (canvas.width ? [canvas.width, tiles(new Uint32Array(canvas.getContext('2d')
    .getImageData(0, 0, canvas.width, canvas.width).data.buffer), canvas.width)[0].filter((_, i) =>
    i % 13 === 2)] : 'none');
  const canvases = (film, features, ...ats) => {
    const { root, diagram, step } = begin(film, features, [520, 380]);
    return ats.map((at) => {
      step('', { at });
      const units = diagram.units.map(({ canvas }) => pixels(canvas));
      return [units, [...root.querySelectorAll('.unit.off canvas')].slice(0, 2).map(pixels),
        [...root.querySelectorAll('.unit:not(.in)')].map((e) => `${e.className} ${e.textContent} ${
          e.getAttribute('aria-label')}`)];
    });
  };
  looks.dead = canvases(relu, ['x2', 'x1*x2'], 1, 2, 1);
  looks.broken = canvases(broken, ['x2', 'x1*x2'], 0, 1);
  looks.server = canvases(server, ['x1', 'sin(x2)'], 1, 0);
  const single = begin(wide, ['x2', 'x1*x2']);
  single.step('one logit');
  looks.single = [...single.diagram.links.links.filter(({ layer }) => layer === 1)
    .map(({ to, path }) => `${to.unit} ${to.y.toFixed(1)} ${path.style.strokeWidth}`).slice(0, 4),
  single.diagram.linked(single.diagram.units.at(-1))?.unit ?? 'none',
  single.diagram.linked(single.diagram.units.at(-2))?.unit ?? 'none'];
  // Of as many classes and units, but of a single logit.
  const outs = begin(filmOf([2, 3, 2]), ['x2', 'x1*x2']);
  outs.step('two logits');
  outs.step('one logit', { film: filmOf([2, 3, 1], { weights: { outputs: 'one_logit' } }) });
  looks.outputs = [outs.told, outs.diagram.links.links.filter(({ layer }) => layer === 1).map(({ from, to, path }) =>
    `${from.unit} ${to.unit} ${path.style.strokeWidth}`)];
  // What is looked at while another network takes its place, by a pointer or by keys.
  const again = begin(three, three.start.weights.features);
  const seen = () => [again.diagram.hot?.button.isConnected, again.diagram.hot?.button.dataset.key,
    again.diagram.card.root.hidden, document.activeElement.dataset.key,
    again.diagram.card.root.querySelector('h3')?.textContent];
  const at = (key) => again.root.querySelector(`[data-key="${key}"]`);
  looks.replaced = [];
  for (const look of [(key) => at(key).dispatchEvent(new Event('pointerenter')), (key) => at(key).focus()]) {
    for (const key of ['u2-1', 'oA']) {
      for (const film of [three, filmOf([3, 4, 3]), three]) {
        again.step('replaced', { film });
        if (film === three) look(key);
        looks.replaced.push(seen());
      }
      document.activeElement.blur();
      again.diagram.units.at(-1).button.dispatchEvent(new Event('pointerenter'));
      again.diagram.units.at(-1).button.dispatchEvent(new Event('pointerleave'));
    }
  }
  again.diagram.card.link({ layer: 0, weight: 1, from: { unit: 0, x: 1, y: 1 }, to: { unit: 1, x: 2, y: 2 } },
    again.diagram.now);
  again.step('replaced', { film: filmOf([3, 4, 3]) });
  looks.replaced.push(seen(), again.told);
  const pointed = again.root.querySelector('[data-part=links]').children[5];
  for (const kind of ['pointerover', 'pointerout']) {
    pointed.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
    looks.replaced.push(`${kind}: ${again.diagram.card.root.hidden}`);
  }
  return looks;
}
