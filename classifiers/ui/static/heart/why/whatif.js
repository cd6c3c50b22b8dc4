// One field at other values: a curve with its band for a number, a row a value for a category, and
// what the study saw of either.
import { axisTicks, scale, writeTick } from '../../charts/scale.js';
import { mark, newSvg, setAll } from '../../charts/svg.js';
import { node } from '../../page/dom.js';

const PLOT = { left: 38, right: 8, top: 8, height: 112, study: 40, ticks: 18 };

export function numberCard({ label, own, notes }) {
  return node('figure', { class: 'card' }, caption(label, own), node('div', { class: 'plot' }),
    ...notes.map(note));
}

function caption(label, aside) {
  return node('figcaption', {}, node('b', {}, label), ' ', node('span', {}, aside));
}

function note(text) {
  return node('p', { class: 'sub' }, text);
}

// The curve of a card that is on the page: its width is known only there.
export function drawCurve(card, field) {
  const holder = card.querySelector('.plot');
  const width = Math.max(150, holder.clientWidth);
  const { histogram } = field;
  const bottom = PLOT.top + PLOT.height;
  const foot = bottom + (histogram ? PLOT.study : 0);
  const ends = [...field.values, ...(histogram ? histogram.edges : [])];
  const x = { range: [Math.min(...ends), Math.max(...ends)] };
  const y = { range: [0, 1], percent: true };
  const svg = newSvg({ viewBox: `0 0 ${width} ${foot + PLOT.ticks}`, height: foot + PLOT.ticks,
    role: 'img', 'aria-label': field.alt });
  const plan = { svg, foot, bottom, left: PLOT.left, right: width - PLOT.right,
    atX: scale(x, PLOT.left, width - PLOT.right), atY: scale(y, bottom, PLOT.top) };
  drawAxes(plan, x, y);
  drawRisks(plan, field);
  if (histogram) drawStudy(plan, histogram);
  holder.replaceChildren(svg);
}

function drawAxes({ svg, left, right, foot, atX, atY }, x, y) {
  for (const value of axisTicks(y, 2)) {
    mark(svg, 'line', { x1: left, x2: right, y1: atY(value), y2: atY(value), class: 'grid' });
    mark(svg, 'text', { x: left - 5, y: atY(value) + 4, 'text-anchor': 'end', class: 'y' },
      writeTick(y, value));
  }
  for (const value of axisTicks(x, 3)) {
    mark(svg, 'text', { x: atX(value), y: foot + 14, 'text-anchor': 'middle', class: 'x' },
      writeTick(x, value));
  }
}

function drawRisks({ svg, left, right, atX, atY }, { values, probability, low, high, at }) {
  const places = (risks) => values.map((value, i) =>
    `${atX(value).toFixed(1)},${atY(risks[i]).toFixed(1)}`);
  mark(svg, 'polygon', { class: 'refits',
    points: [...places(high), ...places(low).toReversed()].join(' ') });
  mark(svg, 'line', { x1: left, x2: right, class: 'threshold', display: 'none' });
  mark(svg, 'polyline', { class: 'risk', points: places(probability).join(' ') });
  if (!at) return;
  mark(svg, 'circle', { cx: atX(at.value), cy: atY(at.probability), r: 5, class: 'marker' });
}

// The study's patients: those with disease upwards, those without downwards.
function drawStudy({ svg, bottom, atX }, { edges, with_disease: sick, without_disease: well }) {
  const half = PLOT.study / 2 - 2;
  const middle = bottom + half + 4;
  const most = Math.max(...sick, ...well, 1);
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const x = atX(edges[i]) + 0.5;
    const width = Math.max(1, atX(edges[i + 1]) - atX(edges[i]) - 1);
    const [up, down] = [(half * sick[i]) / most, (half * well[i]) / most];
    mark(svg, 'rect', { x, y: middle - up, width, height: up, class: 'sick' });
    mark(svg, 'rect', { x, y: middle, width, height: down, class: 'well' });
  }
}

export function categoryCard({ label, options, notes }) {
  const counted = options.some(({ seen }) => seen);
  return node('figure', { class: 'card' },
    caption(label, counted ? 'ill in study' : ''),
    node('ul', { class: counted ? 'options counted' : 'options' }, ...options.map(option)),
    ...notes.map(note));
}

function option({ label, probability, low, high, risk, interval, own, seen }) {
  const band = node('i', { class: 'refits' });
  band.style.left = `${100 * low}%`;
  band.style.width = `${100 * (high - low)}%`;
  const dot = node('i', { class: 'dot' });
  dot.style.left = `${100 * probability}%`;
  const parts = [node('span', { class: 'name' }, label),
    node('span', { class: 'track', title: `${risk} (${interval})` }, node('i', { class: 'cut' }),
      band, dot),
    node('span', { class: 'share' }, risk)];
  if (seen) {
    parts.push(node('span', { class: 'seen' }, node('b', {}, String(seen.sick)),
      ` of ${seen.of}`));
  }
  return node('li', own ? { class: 'own', 'aria-current': 'true' } : {}, ...parts);
}

// A property that all of the panel inherits would cost a frame at every step of the slider.
export function moveThreshold(root, threshold) {
  for (const cut of root.querySelectorAll('.track .cut')) {
    cut.style.setProperty('--threshold', `${100 * threshold}%`);
  }
  root.dataset.cut = String(threshold);
  const atY = scale({ range: [0, 1] }, PLOT.top + PLOT.height, PLOT.top);
  for (const line of root.querySelectorAll('.threshold')) {
    setAll(line, { y1: atY(threshold), y2: atY(threshold), display: 'inline' });
  }
}
