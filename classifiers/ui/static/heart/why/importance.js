// What the model uses over all patients: a picture a measure, a dot with its interval a row.
import { offerToSave } from '../../charts/figure.js';
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';
import { node, partsOf } from '../../page/dom.js';

const ROW = 24;
const TOP = 6;
const NUMBERS = 132; // width of the column of texts
const CHARACTER = 6.5;
const PLOT = 90; // width that is left to the dots at least

export function start({ element, props }) {
  const root = element.querySelector('.importance');
  const holder = partsOf(root)('pictures');
  let width = 0;
  let pictures = [];
  offerToSave(root, 'importance');
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
  const height = TOP + rows.length * ROW;
  const longest = (name) => CHARACTER * Math.max(...rows.map((row) => row[name].length));
  const texts = Math.min(NUMBERS, longest('text') + 10);
  const names = Math.min(width - texts - PLOT, longest('label'));
  const at = scale({ range }, names + 14, width - texts - 8);
  const svg = newSvg({ viewBox: `0 0 ${width} ${height}`, height, role: 'img',
    'aria-label': `${title}: ${rows.map(({ label, text }) => `${label} ${text}`).join('; ')}` });
  mark(svg, 'line', { x1: at(0), x2: at(0), y1: 0, y2: height, class: 'zero' });
  rows.forEach(({ label, value, low, high, text, sure }, i) => {
    const y = TOP + (i + 0.5) * ROW;
    mark(svg, 'text', { x: 0, y: y + 4, class: 'label' }, label);
    mark(svg, 'line', { x1: at(low), x2: at(high), y1: y, y2: y, class: 'interval' });
    mark(svg, 'circle', { cx: at(value), cy: y, r: 4.5, class: sure ? 'sure' : 'unsure' });
    mark(svg, 'text', { x: width, y: y + 4, 'text-anchor': 'end' }, text);
  });
  holder.replaceChildren(svg);
}
