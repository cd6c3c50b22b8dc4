// How sure the networks are, and what it costs: said against found, and the price of every answer.
import { node } from '../../../page/dom.js';
import { at } from '../decode.js';
import { line, svg, text } from './marks.js';
import { NAMES, TITLES, count, loss, percent } from '../words.js';

const SIZE = 178;
const [WIDE, HIGH, FLOOR] = [232, 104, 84];
const DEAREST = 36;
const SLOT = 6.4; // pixels of the price axis that pile up

// The cost of an answer whose log-odds of the true class are `margin`.
const priceOf = (margin) => (margin < -30 ? -margin : Math.log1p(Math.exp(-margin)));

// The panel of network i at a temperature, of which the index is given.
export function panel(world, i, temperature, accuracy, { said, priced }) {
  const { price, loss: losses } = world.temperature;
  const [mean, share, each, wrong] = [0, 1, 2, 3].map((k) => at(price, i, temperature, k));
  const right = world.margins[i].length - wrong;
  const bill = node('p', {}, '▲ mean ', node('b', { 'data-mark': 'price' }, loss(mean)), '. ');
  const many = wrong > 1 ? 's' : '';
  if (wrong) {
    bill.append(node('b', {}, `${count(wrong)} wrong answer${many}`),
      ` (dot${many}; right ones: bars) pay${many ? '' : 's'} ${percent(share, 0)} of it, `
      + `${each.toFixed(1)}${many ? ' each' : ''}.`);
  } else bill.append('No wrong answer.');
  return node('div', { class: 'panel', 'data-network': NAMES[i] },
    node('div', { class: 'panel-head' }, node('h4', {}, TITLES[NAMES[i]]),
      node('span', {}, 'loss on fresh ',
        node('b', { 'data-mark': 'fresh-loss' }, loss(at(losses, i, temperature)))),
      node('span', {}, 'accuracy ', node('b', {}, percent(accuracy)))),
    node('div', { class: 'pair' },
      node('div', {}, node('h5', {}, said()), reliability(world, i, temperature)),
      node('div', {}, node('h5', {}, priced),
        prices(world, i, temperature, mean, { right, wrong }), bill)));
}

function reliability({ temperature: { reliability: table } }, i, temperature) {
  const x = (share) => 24 + share * (SIZE - 30);
  const y = (share) => SIZE - 20 - share * (SIZE - 30);
  const marks = [0, 0.5, 1].flatMap((share) => [line(24, y(share), SIZE - 6, y(share), 'rule'),
    text(22, y(share) + 4, String(100 * share), { 'text-anchor': 'end' }),
    text(x(share), SIZE - 5, `${100 * share}${share === 1 ? ' %' : ''}`,
      { 'text-anchor': share === 1 ? 'end' : 'middle' })]);
  marks.push(line(x(0), y(0), x(1), y(1), 'best'));
  for (let bin = 0; bin < table.shape[2]; bin += 1) {
    const [said, found, share] = [0, 1, 2].map((k) => at(table, i, temperature, bin, k) / 1e4);
    if (share < 0.0015) continue;
    const radius = Math.max(2.2, Math.sqrt(share) * 15);
    const dot = svg('circle', { cx: x(said).toFixed(1), cy: y(found).toFixed(1),
      r: radius.toFixed(2), class: 'bin' });
    dot.append(svg('title', {}, `Said ${percent(said, 0)}, found ${percent(found, 0)}: `
      + `${percent(share)} of the points`));
    marks.push(line(x(said), y(said), x(said), y(found), 'stem'), dot);
  }
  return svg('svg', { viewBox: `0 0 ${SIZE} ${SIZE}`, class: 'reliability', role: 'img',
    'aria-label': `Said against found, ${TITLES[NAMES[i]]}` }, ...marks);
}

// Right answers as bars, wrong ones as dots, on an axis that shows small prices too.
function prices({ temperature: { values }, margins }, i, temperature, mean, { right, wrong }) {
  const x = (price) => 4 + Math.sqrt(Math.min(DEAREST, price) / DEAREST) * (WIDE - 16);
  const heaps = { right: new Map(), wrong: new Map() };
  for (const { margin, right: is } of margins[i]) {
    const slot = Math.round(x(priceOf(margin / values[temperature])) / SLOT);
    const heap = heaps[is ? 'right' : 'wrong'];
    heap.set(slot, (heap.get(slot) ?? 0) + 1);
  }
  const highest = Math.max(1, ...heaps.right.values());
  const step = Math.min(6.2, 62 / Math.max(1, Math.max(1, ...heaps.wrong.values()) - 1));
  const marks = [line(4, FLOOR, WIDE - 10, FLOOR, 'axis-line')];
  for (const price of [0, 1, 4, 9, 16, 25, DEAREST]) {
    marks.push(text(x(price), 98, `${price}${price === DEAREST ? '+' : ''}`,
      { 'text-anchor': price === DEAREST ? 'end' : price ? 'middle' : 'start' }));
  }
  for (const [slot, many] of heaps.right) {
    const tall = Math.max(2, (many / highest) * 66);
    marks.push(svg('rect', { x: (slot * SLOT - 2.7).toFixed(1), y: (FLOOR - 0.5 - tall).toFixed(1),
      width: SLOT - 1, height: tall.toFixed(1), class: 'right', 'data-count': many }));
  }
  for (const [slot, many] of heaps.wrong) {
    for (let k = 0; k < many; k += 1) {
      marks.push(svg('circle', { cx: (slot * SLOT + 0.5).toFixed(1),
        cy: (FLOOR - 4 - k * step).toFixed(1), r: 2.8, class: 'wrong' }));
    }
  }
  const furthest = Math.max(0, ...heaps.right.keys()) * SLOT + 8;
  marks.push(text(Math.min(furthest, 64), 20, `${count(right)} right`),
    svg('path', { d: `M${x(mean).toFixed(1)} ${FLOOR + 1}l-5 9h10z`, class: 'mean',
      'data-mark': 'mean-price' }));
  return svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, class: 'prices', role: 'img',
    'aria-label': `Price of each test answer, ${TITLES[NAMES[i]]}: ${right} right, `
      + `${wrong} wrong` },
  ...marks);
}
