// Loss and accuracy by epoch, drawn; clicked, dragged or by keys they choose the epoch that is
// shown.
import { scale, short, ticks } from '../../charts/scale.js';
import { node, sizeOf, write } from '../../page/dom.js';
import { termButton } from '../../page/gloss.js';
import { count, number, percent } from '../words.js';

const SVG = 'http://www.w3.org/2000/svg';
const [LEFT, RIGHT, TOP, BOTTOM] = [32, 30, 6, 16];
const PARTS = ['train', 'test'];
const PAGE = 10; // moments that Page Up and Down go

function mark(svg, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  svg.append(made);
  return made;
}

// The end of the epochs' axis: room to go on, and no jump at every epoch.
function lastEpoch(reached) {
  if (reached <= 100) return 100;
  const step = 10 ** Math.floor(Math.log10(reached)) / 2;
  return Math.ceil((reached * 1.02) / step) * step;
}

function lossRange(rows) {
  const all = PARTS.flatMap((part) => rows[`${part}_loss`].mean).filter((v) => v !== null);
  if (!all.length) return { range: [0, 1], log: false };
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const log = low > 0 && high / low > 60;
  if (log) return { range: [low, high], log };
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((s) => high <= s) ?? high;
  return { range: [0, high <= step * 0.75 && step > 0.5 ? step * 0.75 : step], log };
}

function accuracyRange(rows) {
  const all = PARTS.flatMap((part) => rows[`${part}_accuracy`].mean).filter((v) => v !== null);
  const low = all.reduce((a, b) => Math.min(a, b), 1);
  return { range: [Math.min(0.8, Math.max(0, Math.floor(low * 5 - 0.01) / 5)), 1], log: false };
}

export class Curves {
  // seek(key): what is chosen; keyed: 1 or -1 moments, or an end.
  constructor(root, { seek, step }) {
    this.plots = ['loss', 'accuracy'].map((quantity) => {
      const head = {};
      const read = (part) => node('span', { class: `read ${part}` },
        node('i', { class: 'line' }), `${part} `, head[part] = node('b'));
      const title = quantity === 'loss'
        ? termButton('playground', 'loss', 'Loss')
        : 'Accuracy';
      const svg = document.createElementNS(SVG, 'svg');
      svg.setAttribute('class', 'plot');
      root.append(node('div', { class: 'curve' }, node('div', { class: 'curve-head' },
        node('h2', {}, title), ...PARTS.map(read)), svg));
      this.listen(svg, seek, step);
      return { quantity, svg, head };
    });
    const [{ svg: slider }, { svg: other }] = this.plots;
    for (const [key, value] of Object.entries({ tabindex: 0, role: 'slider',
      'aria-label': 'Epoch shown', 'aria-valuemin': 0 })) slider.setAttribute(key, value);
    other.setAttribute('aria-hidden', 'true');
  }

  listen(svg, seek, step) {
    let dragged = false;
    const look = (event) => {
      const box = svg.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
      seek(Math.round(Math.min(1, Math.max(0, share)) * this.last));
    };
    svg.addEventListener('pointerdown', (event) => {
      dragged = true;
      svg.setPointerCapture(event.pointerId);
      look(event);
    });
    svg.addEventListener('pointermove', (event) => dragged && look(event));
    for (const name of ['pointerup', 'pointercancel']) {
      svg.addEventListener(name, () => { dragged = false; });
    }
    svg.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -PAGE,
        PageUp: PAGE, Home: -Infinity, End: Infinity }[event.key];
      if (!by) return;
      step(by);
      event.preventDefault();
    });
  }

  // moment: what is shown of the film; marks: [{epoch, text}].
  draw(film, moment, marks) {
    this.last = lastEpoch(film.reached);
    const row = film.rowAt(moment.epoch);
    for (const plot of this.plots) {
      const { quantity, head } = plot;
      for (const part of PARTS) {
        const value = row[`${part}_${quantity}`];
        write(head[part], quantity === 'loss'
          ? (value === null ? '–' : value < 1e5 ? number(value, value < 10 ? 2 : 0) : short(value))
          : percent(value));
      }
      this.plot(plot, film, marks);
      if (plot.places) this.point(plot, row, moment.epoch);
    }
    const [{ svg }] = this.plots;
    svg.setAttribute('aria-valuemax', film.reached);
    svg.setAttribute('aria-valuenow', moment.epoch);
    svg.setAttribute('aria-valuetext', `epoch ${count(moment.epoch)} of ${count(film.reached)}: `
      + `test accuracy ${percent(row.test_accuracy)}, training ${percent(row.train_accuracy)}`);
  }

  // All but what follows the moments: drawn when there is more of it, or more room.
  plot(plot, film, marks) {
    const { svg, quantity } = plot;
    const [width, height] = sizeOf(svg);
    if (!width) return;
    const { rows, changes, result } = film;
    const drawn = [film, rows.epoch.length, changes, result, this.last, width, height];
    if (plot.drawn?.every((value, i) => value === drawn[i])) return;
    plot.drawn = drawn;
    svg.replaceChildren();
    const axis = quantity === 'loss' ? lossRange(film.rows) : accuracyRange(film.rows);
    const x = scale({ range: [0, this.last] }, LEFT, width - RIGHT);
    const rise = scale(axis, height - BOTTOM, TOP);
    const y = (value) => Math.max(TOP, rise(value));
    this.axes(svg, quantity, axis, { x, y, width, height });
    this.best(svg, quantity, film, { y, width });
    this.lines(svg, quantity, film.rows, { x, y });
    if (film.rows.epoch.length < 2) {
      mark(svg, 'text', { x: (LEFT + width - RIGHT) / 2, y: height / 2, 'text-anchor': 'middle',
        class: 'empty' }, quantity === 'loss' ? 'Draws as it trains' : 'Drag here to go back');
    }
    if (marks.length) this.marks(svg, quantity, marks, { x, width, height });
    plot.places = { x, y };
    plot.cursor = mark(svg, 'path', { class: 'cursor',
      d: `M0 ${TOP - 3}V${height - BOTTOM + 2}` });
    plot.dots = PARTS.map((part) => mark(svg, 'circle', { class: part, r: 3.5 }));
  }

  // The epoch that is shown.
  point({ quantity, cursor, dots, places: { x, y } }, row, epoch) {
    cursor.setAttribute('transform', `translate(${x(epoch)})`);
    PARTS.forEach((part, i) => {
      const value = row[`${part}_${quantity}`];
      dots[i].setAttribute('visibility', value === null ? 'hidden' : 'visible');
      if (value === null) return;
      dots[i].setAttribute('cx', x(epoch));
      dots[i].setAttribute('cy', y(value));
    });
  }

  axes(svg, quantity, axis, { x, y, width, height }) {
    const [low, high] = axis.range;
    const values = axis.log ? [low, Math.sqrt(low * high), high] : [low, (low + high) / 2, high];
    for (const value of values) {
      mark(svg, 'path', { class: 'grid', d: `M${LEFT} ${y(value)}H${width - RIGHT}` });
      mark(svg, 'text', { x: LEFT - 5, y: y(value) + 4, 'text-anchor': 'end' },
        quantity === 'loss' ? short(Number(value.toPrecision(2))) : Math.round(100 * value));
    }
    const places = width > 220 ? ticks(0, this.last, 2) : [0, this.last];
    for (const value of places) {
      mark(svg, 'text', { x: x(value), y: height - 2,
        'text-anchor': value === 0 ? 'start' : value === this.last ? 'end' : 'middle' },
      value === 0 ? 'epoch 0' : count(value));
    }
  }

  // The dotted ceiling: what the best possible classifier gets on fresh points.
  best(svg, quantity, film, { y, width }) {
    const best = film.start.bayes_accuracy ?? film.result?.bayes_accuracy;
    if (quantity === 'loss' || best === null || best === undefined) return;
    mark(svg, 'path', { class: 'best', d: `M${LEFT} ${y(best)}H${width - RIGHT + 2}` });
    mark(svg, 'text', { x: width - RIGHT + 6, y: y(best) + 4 }, 'best');
  }

  lines(svg, quantity, rows, { x, y }) {
    const point = (value, i) => (value === null ? null
      : `${x(rows.epoch[i]).toFixed(1)} ${y(value).toFixed(1)}`);
    for (const part of PARTS) {
      const curve = rows[`${part}_${quantity}`];
      if (curve.low) {
        const [low, high] = [curve.low, curve.high].map((list) => list.map(point).filter(Boolean));
        mark(svg, 'path', { class: `band ${part}`,
          d: `M${[...low, ...high.toReversed()].join('L')}Z` });
      }
      const places = curve.mean.map(point).filter(Boolean);
      if (places.length > 1) mark(svg, 'path', { class: part, d: `M${places.join('L')}` });
    }
  }

  // What was changed while it ran; its name where there is room.
  marks(svg, quantity, marks, { x, width, height }) {
    marks.forEach(({ epoch, text }, i) => {
      const at = x(epoch);
      mark(svg, 'path', { class: 'change', d: `M${at} ${TOP}V${height - BOTTOM}` });
      mark(svg, 'path', { class: 'flag', d: `M${at - 4} ${TOP - 4}h8l-4 6z` });
      if (quantity !== 'loss') return;
      const next = marks[i + 1] ? x(marks[i + 1].epoch) : Infinity;
      const left = at > width - RIGHT - 70 || next - at < 60;
      mark(svg, 'text', { class: 'named', x: left ? at - 6 : at + 6, y: TOP + 7 + 12 * (i % 2),
        'text-anchor': left ? 'end' : 'start' }, text);
    });
  }
}
