// From the average patient to this one: a bar a field, on an axis of risk that is even in log-odds.
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';

const TOP = 34; // where the rows begin
const FACTORS = 72; // width of the column of factors
const APART = 44; // of two ticks at least
const CHARACTER = 6.6; // width at 13 px, about

// value: {label, start, end: {at, text}, steps: [{fields, label, value, from, to, factor, up}],
// each (field's step), range, ticks: [{at, text}]}; places are log-odds. ghost: that of a former
// patient, drawn as outlines in the rows of this one.
export function drawWaterfall(holder, value, ghost) {
  const width = Math.max(280, holder.clientWidth);
  const narrow = width < 560;
  const names = narrow ? 122 : Math.min(width * 0.4, Math.max(...value.steps.map((step) =>
    CHARACTER * (step.label.length + step.value.length) + 20), 150));
  const rows = value.steps.length + 2;
  const row = narrow ? 34 : 26;
  const height = TOP + rows * row;
  const outlines = ghost ? inRows(value.steps, ghost) : [];
  const at = scale({ range: widest(value.range, outlines) }, names, width - FACTORS);
  const svg = newSvg({ viewBox: `0 0 ${width} ${height}`, height, role: 'img',
    'aria-label': value.label });
  const plan = { svg, at, row, width, names, narrow };
  drawTicks(plan, value.ticks, height);
  drawEnd(plan, TOP, 'Average patient', value.start, 'open');
  const start = at(value.start.at);
  mark(svg, 'line', { x1: start, x2: start, y1: TOP + 16, y2: TOP + row + 3, class: 'joint' });
  value.steps.forEach((step, i) => drawStep(plan, TOP + (i + 1) * row, step));
  drawEnd(plan, TOP + (rows - 1) * row, 'This patient', value.end, 'here');
  if (ghost) drawGhost(plan, outlines, ghost.end, height);
  holder.replaceChildren(svg);
}

// Where the steps of a ghost lie if they are taken in the order of these.
function inRows(steps, { start, each }) {
  let from = start.at;
  return steps.map(({ fields }) => {
    const to = from + fields.reduce((sum, field) => sum + each[field], 0);
    const outline = { from, to };
    from = to;
    return outline;
  });
}

function widest(range, outlines) {
  const ends = outlines.map(({ to }) => to);
  return [Math.min(...ends, range[0]), Math.max(...ends, range[1])];
}

function drawGhost({ svg, at, row }, outlines, end, height) {
  outlines.forEach(({ from, to }, i) => {
    const [left, right] = [at(from), at(to)].toSorted((a, b) => a - b);
    mark(svg, 'rect', { x: left, y: TOP + (i + 1) * row + 1, rx: 2, class: 'ghost',
      width: Math.max(1.5, right - left), height: row - 7 });
  });
  mark(svg, 'circle', { cx: at(end.at), cy: height - row + 10, r: 8, class: 'ghost' });
}

function drawTicks({ svg, at, width }, ticks, height) {
  mark(svg, 'text', { x: 0, y: 14, class: 'head' }, 'risk, %');
  mark(svg, 'text', { x: width, y: 14, class: 'head', 'text-anchor': 'end' }, 'odds');
  let last = -Infinity;
  for (const tick of ticks) {
    const x = at(tick.at);
    if (x - last >= APART && x < width - FACTORS) {
      last = x;
      mark(svg, 'line', { x1: x, x2: x, y1: 20, y2: height, class: 'grid' });
      mark(svg, 'text', { x, y: 14, class: 'x', 'text-anchor': 'middle' }, tick.text);
    }
  }
}

function drawEnd({ svg, at, row, width }, y, name, end, kind) {
  line(svg, y + row - 4, width);
  mark(svg, 'text', { x: 0, y: y + 14, class: 'title' }, name);
  mark(svg, 'circle', { cx: at(end.at), cy: y + 10, r: 5.5, class: kind });
  mark(svg, 'text', { x: width, y: y + 14, class: 'title', 'text-anchor': 'end' }, end.text);
}

function drawStep({ svg, at, row, width, narrow }, y, step) {
  const [from, to] = [at(step.from), at(step.to)];
  const kind = step.up ? 'up' : 'down';
  line(svg, y + row - 4, width);
  if (narrow) {
    mark(svg, 'text', { x: 0, y: y + 10, class: 'field' }, step.label);
    mark(svg, 'text', { x: 0, y: y + 24, class: 'value' }, step.value);
  } else {
    const text = mark(svg, 'text', { x: 0, y: y + 14 });
    mark(text, 'tspan', { class: 'field' }, step.label);
    mark(text, 'tspan', { class: 'value', dx: 6 }, step.value);
  }
  mark(svg, 'rect', { x: Math.min(from, to), y: y + 3, width: Math.max(1.5, Math.abs(to - from)),
    height: row - 11, rx: 2, class: `step ${kind}` });
  mark(svg, 'line', { x1: to, x2: to, y1: y + 3, y2: y + row + 3, class: 'joint' });
  mark(svg, 'text', { x: width, y: y + 14, class: `factor ${kind}`, 'text-anchor': 'end' },
    step.factor);
}

function line(svg, y, width) {
  mark(svg, 'line', { x1: 0, x2: width, y1: y, y2: y, class: 'rule' });
}
