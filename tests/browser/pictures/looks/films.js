// Runs as the page holds them: what a moment of each is read to say, and how all of it is drawn.
async ({ films }) => {
  const { Film } = await load('playground/run/film');
  const { Reading } = await load('playground/run/reading');
  const { Picture } = await load('playground/pictures/picture');
  const { Diagram } = await load('playground/network/diagram');
  const { Curves } = await load('playground/run/curves');
  const { Slot } = await load('playground/results/slot');
  const { Views } = await load('playground/views');
  const { keptRun } = await load('playground/run/sprites');
  const { nameChange } = await load('playground/settings/config');
  const build = (html) => {
    document.body.innerHTML = html;
    return document.body.firstElementChild;
  };
  const sum = (planes) => [...planes].map((plane) => Array.from(plane));

  const sized = '<div style="width:WIDTHpx;height:HEIGHTpx;position:relative">';
  const room = (width, height, inside = '') =>
    build(`${sized.replace('WIDTH', width).replace('HEIGHT', height)}${inside}</div>`);

  function readings(film) {
    const told = {};
    for (const fine of [false, true]) {
      const reading = new Reading(film, film.moments.at(-1), fine);
      told[fine] = { cells: reading.cells, parts: reading.parts, broken: reading.broken,
        labels: reading.labels, scores: sum(reading.scores),
        probabilities: sum(reading.probabilities), strengths: reading.strengths, dead: reading.dead,
        same: reading.scores === reading.scores, asks: Boolean(reading.ask) };
    }
    const reading = new Reading(film, film.moments[0]);
    told.at = [{ x: 0.5, y: -0.25 }, { x: -3, y: 4 }].map((place) => reading.at(place));
    if (reading.ask) told.asked = sum(reading.ask({ xs: [0, 1, -2], ys: [0.5, -1, 2] }));
    return told;
  }

  function pictures(film, fine) {
    const told = {};
    const look = (name, reading, show) => {
      const box = room(320, 320);
      const picture = new Picture(box);
      const over = recorder();
      picture.above.getContext = () => over.context;
      const real = picture.below.getContext('2d', { willReadFrequently: true });
      const under = recorder(real);
      picture.below.getContext = () => under.context;
      const usual = { view: 'classes', layer: 1, training: true, test: true, best: false };
      const share = picture.draw(reading, { ...usual, ...show }, colours);
      const { data, width } = real.getImageData(0, 0, 320, 320);
      const before = over.ops.length;
      const again = picture.draw(reading, { ...usual, ...show }, colours);
      told[name] = { share, again, width, anew: over.ops.length - before, class: box.className,
        over: shortened(over.ops.slice(0, before)), under: shortened(under.ops, 30),
        pixels: tiles(new Uint32Array(data.buffer), 320).slice(0, 3) };
    };
    const reading = new Reading(film, film.moments.at(-1), fine);
    look('classes', reading, {});
    look('best, a place', reading, { best: true, probe: { x: 0.5, y: 1 }, test: false });
    look('small', reading, { best: true, small: true, training: false });
    look('own', reading, { own: [[0, 0, 0], [1, -1, 1], [2, 2, 1]] });
    look('confidence', reading, { view: 'confidence' });
    if (film.members > 1) look('disagreement', reading, { view: 'disagreement' });
    if (film.network && film.start.widths.length) {
      look('space', reading, { view: 'space', layer: 1 });
      look('deeper', reading, { view: 'space', layer: 9 });
    }
    return told;
  }

  function diagrams(film) {
    const told = {};
    const draw = (name, [width, height], moment, about = {}) => {
      const root = room(width, height, '<section data-part="net" style="width:100%;height:100%">'
        + '<svg data-part="links"></svg></section>');
      const asked = [];
      const diagram = new Diagram(root, { feature: (one) => asked.push(one),
        widths: (list) => asked.push(list) });
      const reading = new Reading(film, moment, true);
      const config = { dataset: { features: film.start.weights?.features ?? ['x1', 'x2'] } };
      const place = about.place && reading.at(about.place);
      diagram.draw({ reading, config, colours, asked: place, rest: true, fleeting: false });
      told[name] = { drawn: lines(root), asked,
        canvases: diagram.units.map(({ canvas }) => (canvas.width
          ? tiles(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width,
            canvas.width).data.buffer), canvas.width)[0].filter((_, i) => i % 9 === 4) : 'none')) };
      if (!about.hover) return;
      told[name].hovered = [0, Math.floor(diagram.units.length / 2), -1].map((i) => {
        const unit = diagram.units.at(i);
        unit.button.dispatchEvent(new Event('pointerenter'));
        const looks = [lines(diagram.card.root), lines(diagram.links.svg).slice(0, 12)];
        unit.button.dispatchEvent(new Event('pointerleave'));
        return [...looks, diagram.card.root.hidden];
      });
      const path = diagram.links.links.at(-1).path;
      path.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      told[name].link = lines(diagram.card.root);
      path.dispatchEvent(new PointerEvent('pointerout', { bubbles: true }));
      for (const button of root.querySelectorAll('.stepper button, .unit.in')) button.click();
    };
    draw('at last', [620, 480], film.moments.at(-1), { hover: true });
    draw('a phone, asked', [340, 420], film.moments[0], { place: { x: 0.4, y: -0.7 } });
    return told;
  }

  function curves(film) {
    const told = {};
    for (const [name, width, change] of [['wide', 420, []], ['narrow', 200,
      [{ epoch: 1, learning_rate: 0.3, dropout: 0.25 }, { epoch: 2, batch_size: null, l2: 0.001 }]]]) {
      const root = room(width, 200, '');
      const drawn = new Curves(root, { seek: () => {}, step: () => {} });
      const style = document.createElement('style');
      style.textContent = `.plot { width: ${width}px; height: 110px; display: block }`;
      root.append(style);
      drawn.draw(film, film.moments[1] ?? film.moments[0], change.map(nameChange));
      style.remove();
      told[name] = lines(root);
    }
    return told;
  }

  function slots(film) {
    const told = {};
    film.moments.forEach((moment, i) => {
      const root = room(500, 300);
      const slot = new Slot(root, () => {});
      slot.draw({ reading: new Reading(film, moment, true), asked: null, place: null });
      told[i] = lines(root);
    });
    const reading = new Reading(film, film.moments.at(-1), true);
    for (const place of [{ x: 1.25, y: -0.5 }, { ...film.points[0] }, { ...film.points[1], label: 0,
      part: 1 }]) {
      const asked = reading.at(place);
      if (!asked) continue;
      const root = room(500, 300);
      new Slot(root, () => {}).draw({ reading, asked, place });
      told[`${place.label} ${place.part}`] = lines(root);
    }
    return told;
  }

  function notes(film) {
    const told = {};
    const reading = new Reading(film, film.moments.at(-1));
    for (const view of ['classes', 'confidence', 'disagreement', 'space']) {
      const root = room(300, 300, `<div data-part="picture"></div><div data-part="note"></div>${
        ['classes', 'confidence', 'disagreement', 'space'].map((one) =>
          `<button data-view="${one}"></button>`).join('')}${['best', 'training', 'test'].map((one) =>
        `<button data-show="${one}"></button>`).join('')}`);
      let changes = 0;
      const views = new Views(root, () => { changes += 1; });
      const shown = [];
      root.querySelector(`[data-view=${view}]`).click();
      root.querySelector('[data-show=best]').click();
      root.querySelector('[data-show=test]').click();
      views.draw({ draw: (_, show) => shown.push(show) && (view === 'space' ? 0.876 : null) },
        { reading, colours, place: { x: 1, y: 2 }, own: null });
      root.querySelector('[data-part=note] button:last-of-type')?.click();
      told[view] = { drawn: lines(root), shown, changes };
    }
    return told;
  }

  const looks = {};
  for (const [name, { news, about = {} }] of Object.entries(films)) {
    const film = await Film.begin(news.start);
    film.number = name;
    await film.take(news);
    const early = await Film.begin(news.start);
    await early.take({ rows: news.rows });
    await early.take({ ...news, result: undefined });
    if (about.broken) film.moments.at(-1).members.at(-1)[0] = NaN;
    looks[`${name}: film`] = { classes: film.classes, members: film.members, reached: film.reached,
      labels: [...Array(film.classes).keys()].map((k) => film.label(k)),
      points: film.points.slice(0, 12), keys: film.moments.map(({ key }) => key),
      at: [-1, 0, 1, 1.5, 2.9, 99].map((key) => [film.indexAt(key), film.rowAt(key)]),
      again: [early.rows.epoch, early.moments.length, early.result],
      confusion: film.moments.map(({ confusion }) => confusion) };
    looks[`${name}: read`] = readings(film);
    looks[`${name}: pictures`] = pictures(film, !about.quick);
    looks[`${name}: diagram`] = diagrams(film);
    looks[`${name}: curves`] = curves(film);
    looks[`${name}: slot`] = slots(film);
    looks[`${name}: notes`] = notes(film);
    const { start, frames, rows } = keptRun(film);
    looks[`${name}: kept`] = { start: { ...start, points: null, bayes: null }, rows: rows.epoch,
      frames: frames.slice(-1).map((frame) => Object.fromEntries(['epoch', 'kept', 'key', 'region',
        'disagreement', 'neurons'].map((key) => [key, frame[key]]))) };
  }
  return looks;
}
