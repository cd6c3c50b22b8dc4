// What the model uses over all patients: a picture a measure, a dot with its interval a row.
import { offerToSave } from '../../charts/figure.js';
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';
import { node, partsOf } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';

const ROW = 24;
const LINE = 14; // of a label in two
const TOP = 6;
const NUMBERS = 132; // width of the column of texts
const CHARACTER = 6.8;
const PLOT = 90; // width that is left to the dots at least

export function start({ element, props }) {
  const root = element.querySelector('.importance');
  const holder = partsOf(root)('pictures');
  let width = 0;
  let pictures = [];
  offerToSave(root, 'importance');
  watchWords(root, 'heart');
  const draw = () => {
    width = holder.clientWidth;
    if (!root.open || !width) return;
    pictures.forEach((picture, i) =>
      drawForest(holder.children[i].querySelector('.plot'), picture));
  };
  const show = () => {
    pictures = props.value ? JSON.parse(props.value) : [];
    root.hidden = !pictures.length;
    holder.replaceChildren(...pictures.map(({ title }) => node('figure', { class: 'card' },
      node('figcaption', {}, title), node('div', { class: 'plot' }))));
    draw();
  };
  root.addEventListener('toggle', draw);
  new ResizeObserver(() => { if (holder.clientWidth !== width) draw(); }).observe(holder);
  show();
  return show;
}

function drawForest(holder, { title, range, rows }) {
  const width = Math.max(260, holder.clientWidth);
  const long = (texts) => CHARACTER * Math.max(...texts.map((text) => text.length));
  const numbers = Math.min(NUMBERS, long(rows.map(({ text }) => text)) + 10);
  const fits = long(rows.map(({ label }) => label)) < width - numbers - PLOT;
  const labels = rows.map(({ label }) => fits ? [label] : label.split(/(?<= and) /));
  const row = Math.max(...labels.map((lines) => lines.length)) > 1 ? 2 * LINE + 6 : ROW;
  const height = TOP + rows.length * row;
  const at = scale({ range }, long(labels.flat()) + 14, width - numbers - 8);
  const svg = newSvg({ viewBox: `0 0 ${width} ${height}`, height, role: 'img',
    'aria-label': `${title}: ${rows.map(({ label, text }) => `${label} ${text}`).join('; ')}` });
  mark(svg, 'line', { x1: at(0), x2: at(0), y1: 0, y2: height, class: 'zero' });
  rows.forEach(({ value, low, high, text, sure }, i) => {
    const y = TOP + (i + 0.5) * row;
    labels[i].forEach((line, k) => mark(svg, 'text', { x: 0, class: 'label',
      y: y + 4 + LINE * (k - (labels[i].length - 1) / 2) }, line));
    mark(svg, 'line', { x1: at(low), x2: at(high), y1: y, y2: y, class: 'interval' });
    mark(svg, 'circle', { cx: at(value), cy: y, r: 4.5, class: sure ? 'sure' : 'unsure' });
    mark(svg, 'text', { x: width, y: y + 4, 'text-anchor': 'end' }, text);
  });
  holder.replaceChildren(svg);
}
