// Three ways to choose the epoch that is kept: a dot a world, the mean and its interval, as Python
// sent them.
import { offerToSave } from '../../charts/figure.js';
import { download } from '../../charts/save.js';
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';
import { node, partsOf } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { aside } from '../sweep/swarm.js';

export function start({ element, props }) {
  const root = element.querySelector('.early');
  const part = partsOf(root);
  let told = null;
  const show = () => {
    if (!props.value) return;
    told = JSON.parse(props.value);
    root.toggleAttribute('data-empty', !told.rows.length);
    part('findings').replaceChildren(...told.findings.map((text) =>
      node('p', {}, text.replaceAll(' %', '\u00a0%'))));
    draw(part('chart'), told);
  };
  part('csv').addEventListener('click', () =>
    download(new Blob([told.csv], { type: 'text/csv' }), 'early-stopping.csv'));
  watchWords(root, 'capstone');
  offerToSave(root, 'early-stopping');
  new ResizeObserver(() => told && draw(part('chart'), told)).observe(part('chart'));
  show();
  return show;
}

function draw(holder, { rows, range, ticks }) {
  if (!rows.length || !holder.clientWidth) return;
  const width = Math.max(280, holder.clientWidth);
  const small = width < 520;
  const [left, right, high] = [small ? 4 : 256, width - 8, small ? 104 : 74];
  const bottom = high * rows.length;
  const svg = newSvg({ viewBox: `0 0 ${width} ${bottom + 42}`, height: bottom + 42, role: 'img',
    'aria-label': 'Test accuracy less accuracy on fresh points, by the epoch that is kept' });
  const atX = scale({ range }, left + 4, right - 4);
  for (const tick of ticks) {
    mark(svg, 'line', { x1: atX(tick), x2: atX(tick), y1: 2, y2: bottom,
      class: tick ? 'grid' : 'zero' });
    mark(svg, 'text', { x: atX(tick), y: bottom + 17, 'text-anchor': 'middle', class: 'x' },
      tick ? `${tick > 0 ? '+' : '−'}${Math.abs(Number((100 * tick).toFixed(1)))}` : '0');
  }
  mark(svg, 'text', { x: left, y: bottom + 36 }, '← test below fresh');
  mark(svg, 'text', { x: right, y: bottom + 36, 'text-anchor': 'end' }, 'test above fresh →');
  rows.forEach((row, i) => drawRow(mark(svg, 'g', { class: `row ${row.kind}`,
    'data-way': row.way }), row, { atX, top: high * i, high, small, left }));
  holder.replaceChildren(svg);
}

function drawRow(group, row, { atX, top, high, small }) {
  const middle = top + (small ? high / 2 + 18 : high / 2);
  const first = small ? top + 15 : middle - 9;
  mark(group, 'text', { x: 0, y: first, class: 'what' }, row.label);
  mark(group, 'text', { x: 0, y: first + 16 }, row.note);
  mark(group, 'text', { x: 0, y: first + 33, class: 'value' }, row.text);
  const half = small ? 26 : high / 2 - 6;
  const places = row.dots.map(atX);
  const size = row.dots.length > 150 ? 3.2 : 4.6;
  aside(places, size, half).forEach((moved, k) => mark(group, 'circle', { cx: places[k].toFixed(1),
    cy: (middle + moved).toFixed(1), r: size / 2, class: 'dot' }));
  const points = `${atX(row.low).toFixed(1)},${middle} ${atX(row.high).toFixed(1)},${middle}`;
  mark(group, 'polyline', { points, class: 'casing' });
  mark(group, 'polyline', { points, class: 'interval' });
  mark(group, 'circle', { cx: atX(row.mean).toFixed(1), cy: middle, r: 6, class: 'mean' });
}
