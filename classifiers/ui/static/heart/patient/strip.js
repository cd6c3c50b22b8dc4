// The study's patients as dots at their risks, those with disease above the line and those without
// below, this patient among them, and the threshold, which turns wrong calls hollow.
import { scale } from '../../charts/scale.js';
import { mark, newSvg, setAll } from '../../charts/svg.js';
import { percent } from './sentences.js';

const MARGIN = 8; // half of the slider's thumb, which runs along the same axis
const PITCH = 6.9;
const TALLEST = 108;
const HEAD = 20;
const BRACKET = 26;
const AXIS = 22;

// options: answer, ghosts [{risk, name}], label. Gives {svg, cut(threshold)}.
export function drawStrip(width, { answer, ghosts, label }) {
  const { study, outlook } = answer;
  const at = scale({ range: [0, 1] }, MARGIN, width - MARGIN);
  const [up, down] = [stacks(study.sick, width), stacks(study.well, width)];
  const step = Math.min(PITCH, TALLEST / Math.max(up.most, down.most, 1));
  const top = HEAD + (outlook ? BRACKET : 0);
  const middle = top + Math.max(up.most * step, 34) + 4;
  const bottom = middle + Math.max(down.most * step, 34) + 4;
  const svg = newSvg({ viewBox: `0 0 ${width} ${bottom + AXIS}`, width, height: bottom + AXIS,
    role: 'img', 'aria-label': label });
  const plot = { svg, at, top, middle, bottom, step, width };
  mark(svg, 'rect', { x: at(answer.low), y: top - 2, width: at(answer.high) - at(answer.low),
    height: bottom - top + 2, class: 'band' });
  mark(svg, 'line', { x1: MARGIN, x2: width - MARGIN, y1: middle, y2: middle, class: 'axis' });
  const dots = [...drawDots(plot, up, 'sick'), ...drawDots(plot, down, 'well')];
  drawNames(plot, study);
  if (outlook) drawOutlook(plot, outlook, answer.probability);
  for (const ghost of ghosts) drawGhost(plot, ghost, answer.probability);
  const line = mark(svg, 'line', { y1: top, y2: bottom + AXIS, class: 'cut' });
  drawTicks(plot);
  drawPatient(plot, answer);
  return { svg, cut(threshold) {
    setAll(line, { x1: at(threshold), x2: at(threshold) });
    for (const { circle, risk, sick } of dots) {
      circle.classList.toggle('wrong', (risk >= threshold) !== sick);
    }
  } };
}

// Columns of dots, each as wide as a dot; [{risk, column, level}] and the tallest.
function stacks(risks, width) {
  const columns = Math.max(20, Math.floor((width - 2 * MARGIN) / PITCH));
  const heights = Array(columns).fill(0);
  const places = risks.map((risk) => {
    const column = Math.min(columns - 1, Math.floor(risk * columns));
    heights[column] += 1;
    return { risk, share: (column + 0.5) / columns, level: heights[column] };
  });
  return { places, most: Math.max(0, ...heights) };
}

function drawDots({ svg, at, middle, step }, { places }, kind) {
  const way = kind === 'sick' ? -1 : 1;
  const radius = Math.max(1.3, Math.min(2.9, step * 0.42));
  return places.map(({ risk, share, level }) => ({ risk, sick: kind === 'sick',
    circle: mark(svg, 'circle', { cx: at(share).toFixed(1), r: radius,
      cy: (middle + way * (3 + (level - 0.5) * step)).toFixed(1), class: `dot ${kind}` }) }));
}

function drawNames({ svg, top, bottom, width }, { sick, well }) {
  mark(svg, 'text', { x: MARGIN, y: top + 12, class: 'name sick' },
    `▲ ${sick.length} with disease`);
  mark(svg, 'text', { x: width - MARGIN, y: bottom - 6, class: 'name well',
    'text-anchor': 'end' }, `${well.length} without ▼`);
}

function drawTicks({ svg, at, bottom }) {
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = { 0: 'start', 1: 'end' }[share] ?? 'middle';
    mark(svg, 'text', { x: at(share) + (share ? (share === 1) * MARGIN : -MARGIN),
      y: bottom + AXIS - 6, class: 'tick', 'text-anchor': anchor }, percent(share));
  }
}

function drawOutlook({ svg, at, top }, { low, high }, risk) {
  const y = top - 12;
  mark(svg, 'path', { d: `M${at(low)} ${y + 6}V${y}H${at(high)}V${y + 6}`, class: 'outlook' });
  const right = risk > (low + high) / 2;
  mark(svg, 'text', { x: right ? at(low) : at(high), y: y - 4, class: 'name open',
    'text-anchor': right ? 'start' : 'end' }, 'once all is known');
}

function drawGhost({ svg, at, top, bottom }, { risk, name }, now) {
  const [from, to] = [at(risk), at(now)];
  mark(svg, 'line', { x1: from, x2: from, y1: top, y2: bottom, class: 'ghost' });
  if (name) mark(svg, 'text', { x: from + 4, y: bottom - 6, class: 'name ghost-name' }, name);
  if (Math.abs(to - from) < 12) return;
  const back = to > from ? -6 : 6;
  mark(svg, 'path', { d: `M${from} ${top + 4}H${to + back}m0-4l${-back} 4l${back} 4z`,
    class: 'arrow' });
}

function drawPatient({ svg, at, top, bottom, width }, { probability, count }) {
  const x = at(probability);
  mark(svg, 'line', { x1: x, x2: x, y1: top - 2, y2: bottom, class: 'patient' });
  const half = 58;
  mark(svg, 'text', { x: Math.max(half, Math.min(width - half, x)), y: 12, class: 'name own',
    'text-anchor': 'middle' }, `this patient, ${count} %`);
}
