// The small pictures under the record's figures. Places are shares of the width.
import { scale, ticks } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';

const [TOP, FLOOR, HEIGHT] = [34, 92, 112];

function placed(range, left = 1, right = 99) {
  const at = scale({ range }, left, right);
  return (value) => `${at(value).toFixed(2)}%`;
}

function axis(svg, at, [low, high], write) {
  for (const value of ticks(low, high, 4)) {
    const near = (value - low) / (high - low);
    const anchor = near > 0.95 ? 'end' : near < 0.05 ? 'start' : 'middle';
    mark(svg, 'text', { x: at(value), y: HEIGHT - 5, 'text-anchor': anchor, class: 'x' },
      write(value));
  }
}

// Random test sets, those at least as good as the lesson's in the other colour, and two marks.
export function drawHistogram({ key, sets, all, labels, below }) {
  const { bars, held_out: lesson } = sets;
  const range = [bars[0][0], bars.at(-1)[1]];
  const highest = Math.max(...bars.map(([, , count]) => count));
  const svg = newSvg({ class: 'histogram', height: HEIGHT, role: 'img', 'aria-label': below });
  const at = placed(range);
  bars.forEach(([from, to, count], i) => {
    const height = ((FLOOR - TOP) * count) / highest;
    const width = parseFloat(at(to)) - parseFloat(at(from)) - 0.3;
    mark(svg, 'rect', { x: at(from), width: `${width.toFixed(2)}%`, y: FLOOR - height, height,
      class: bars[i][0] >= lesson - 1e-9 ? 'lucky' : 'set' });
  });
  mark(svg, 'line', { x1: '0%', x2: '100%', y1: FLOOR, y2: FLOOR, class: 'axis' });
  [[lesson, labels[1], 11, 'lesson'], [all, labels[0], 27, 'all']].forEach(
    ([value, label, y, kind]) => {
      mark(svg, 'line', { x1: at(value), x2: at(value), y1: y - 9, y2: FLOOR, class: kind });
      mark(svg, 'text', { x: at(value), dx: -5, y, 'text-anchor': 'end', class: kind }, label);
    });
  axis(svg, at, range, (value) => (key === 'accuracy' ? (100 * value).toFixed(0)
    : value.toFixed(2)));
  return svg;
}

// A value with its interval a row, from 0, the best.
export function drawRows(rows) {
  const range = [0, 1.12 * Math.max(...rows.map(({ high }) => high))];
  const svg = newSvg({ class: 'scores', height: HEIGHT, role: 'img', 'aria-label': rows.map(
    ({ name, value }) => `${name} ${value.toFixed(3)}`).join(', ') });
  const at = placed(range);
  rows.forEach(({ name, value, low, high }, i) => {
    const y = 22 + 30 * i;
    mark(svg, 'text', { x: at(0), y: y - 8, class: i ? '' : 'all' }, name);
    mark(svg, 'line', { x1: at(low), x2: at(high), y1: y, y2: y, class: 'interval' });
    mark(svg, 'circle', { cx: at(value), cy: y, r: 5, class: i ? 'other' : 'own' });
  });
  mark(svg, 'line', { x1: '0%', x2: '100%', y1: FLOOR + 2, y2: FLOOR + 2, class: 'axis' });
  axis(svg, at, range, (value) => (value === 0 ? '0, perfect' : value.toFixed(1)));
  return svg;
}
