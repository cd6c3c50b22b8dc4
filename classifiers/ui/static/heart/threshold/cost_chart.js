// The cost chart of the threshold explorer: its curve, the range that costs about the same, what
// theory asks for, what was cheapest, and the threshold with its cost, which moves.
import { mark, setAll } from '../../charts/svg.js';
import { WIDE, banded, thresholdAxis, within } from './axes.js';

const LETTER = 7.6; // about the width of one

// set: what thresholds cost for the same patients. The axis ends where calling everybody, or
// nobody, would be far off: a curve that leaves it is no good there.
export function costChart(set, thresholds, range) {
  const pick = within(thresholds, range);
  const cost = banded(pick(thresholds), pick, set, 'ink');
  const least = Math.min(...cost.line.y);
  const far = Math.max(1.8 * set.treat_all, 3 * least);
  const top = 1.05 * Math.min(Math.max(...cost.band.high), far || Infinity);
  // The text of the dotted line stands where the curve is furthest below it.
  const room = cost.band.high.map((value, i) =>
    (Math.abs(i / cost.band.high.length - 0.5) < 0.28 ? set.treat_all - value : -Infinity));
  const clear = cost.line.x[room.indexOf(Math.max(...room))];
  const left = 20 + 7 * Math.round(top).toLocaleString('en').length;
  return {
    label: 'Cost against the threshold', frame: { ...WIDE, left },
    x: { ...thresholdAxis(range, 4), name: '' }, y: { range: [0, top || 1], whole: true },
    bands: [cost.band],
    lines: [{ x: range, y: [set.treat_all, set.treat_all], kind: 'faint' }, cost.line],
    labels: set.treat_all > top ? [] : [{ x: clear, y: set.treat_all + 0.02 * top, kind: 'quiet',
      text: set.all, anchor: 'middle' }],
    markers: ['now'],
  };
}

// What stands beside the curve.
export function drawMarks(chart, { best, labels }) {
  const { svg, top, bottom, left, right, atX } = chart;
  const inside = (x) => Math.min(right, Math.max(left, x));
  const [from, to] = [inside(atX(best.low)), inside(atX(best.high))];
  if (labels.range) {
    const range = mark(svg, 'rect', { x: from, y: top, width: Math.max(2, to - from),
      height: bottom - top, class: 'alike' });
    svg.prepend(range);
    place(svg, labels.range, (from + to) / 2, 14, left, right);
  }
  const marks = [['theory', best.theoretical], ['cheapest', best.value]]
    .filter(([name]) => labels[name]).map(([name, value]) => ({ name, x: atX(value) }))
    .filter(({ x }) => x >= left - 1 && x <= right + 1);
  for (const { name, x } of marks) {
    mark(svg, 'path', { d: `M${x} ${bottom + 3}l-6 10h12z`, class: `advice ${name}` });
  }
  write(svg, marks.map(({ name, x }) => ({ x, text: labels[name] })), bottom + 29, left, right);
  const text = mark(svg, 'text', { class: 'label now' });
  return (x, y, said) => {
    const known = y !== null && y !== undefined && x >= 0;
    text.textContent = known ? said : '';
    if (!known) return;
    const at = chart.atX(x);
    const flip = at + 14 + LETTER * said.length > right;
    setAll(text, { x: at + (flip ? -11 : 11), 'text-anchor': flip ? 'end' : 'start',
      y: Math.min(bottom - 6, Math.max(top + 14, chart.atY(y) + 24)) });
  };
}

// One text under each place; two that would meet move apart.
function write(svg, texts, y, left, right) {
  const [first, second] = texts.toSorted((a, b) => a.x - b.x);
  if (!first) return;
  if (!second) {
    place(svg, first.text, first.x, y, left, right);
    return;
  }
  const half = ({ text }) => (LETTER * text.length) / 2;
  const room = half(first) + half(second) + 10;
  const short = Math.max(0, room - (second.x - first.x));
  let a = Math.max(first.x - short / 2, left + half(first));
  const b = Math.min(Math.max(second.x + short / 2, a + room), right - half(second));
  a = Math.min(a, b - room);
  place(svg, first.text, a, y, 0, right);
  place(svg, second.text, b, y, left, Infinity);
}

function place(svg, text, x, y, left, right) {
  const half = (LETTER * text.length) / 2;
  const at = Math.min(right - half, Math.max(left + half, x));
  mark(svg, 'text', { x: at, y, 'text-anchor': 'middle', class: 'label advice' }, text);
}
