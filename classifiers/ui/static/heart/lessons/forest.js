// Forest plots of one row each. Places are shares of the width, so nothing is drawn anew when the
// page changes its size. All plots of a column share one scale.
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';

const [LEFT, RIGHT] = [4, 96]; // per cent of the width
const SAID = [0, 1];

function placed(range) {
  const at = scale({ range }, LEFT, RIGHT);
  return (value) => `${at(value).toFixed(2)}%`;
}

function plot(kind, label) {
  return newSvg({ class: `forest ${kind}`, role: 'img', 'aria-label': label });
}

// 0.6 as "+0.6", with as many decimals as the scale has room for.
function signed(value, decimals) {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(decimals)}`;
}

function across(svg, from, to, kind) {
  mark(svg, 'line', { x1: from, x2: to, y1: '50%', y2: '50%', class: kind });
}

function upright(svg, at, kind, y1 = '0%', y2 = '100%') {
  mark(svg, 'line', { x1: at, x2: at, y1, y2, class: kind });
}

function dot(svg, at, kind) {
  mark(svg, 'circle', { cx: at, cy: '50%', r: 5.5, class: kind });
}

// A tip at the end of the scale: what it points at lies beyond.
function tip(svg, at, side, kind) {
  const holder = mark(svg, 'svg', { x: at, y: '50%', overflow: 'visible' });
  mark(holder, 'path', { d: `M0 0l${-9 * side} -6v12z`, class: kind });
}

function text(svg, x, content, attributes) {
  return mark(svg, 'text', { x, y: '50%', dy: 4, ...attributes }, content);
}

// The colour of one score of a row: told from 0 or not, whatever the row's other scores say.
function kindOf({ value, low, high, apparent }, chip) {
  if (chip === "doesn't") return 'none';
  const told = low === null ? chip !== "can't tell" : low > 0 || high < 0;
  if (!told) return 'open';
  return value > 0 && !apparent ? 'good' : 'bad';
}

// gap: {value, low, high, text, apparent} or null; unit: how many units of the scale 1 has.
export function drawDifference(gap, most, unit, { chip, spread }) {
  const svg = plot('difference', gap ? gap.text : 'not measured');
  const at = placed([-most, most]);
  upright(svg, at(0), 'zero');
  if (!gap) {
    text(svg, '52%', 'not measured');
    return svg;
  }
  if (unit > 1) drawSpread(svg, spread, at, most);
  const kind = kindOf(gap, chip);
  if (Math.abs(gap.value) > most) drawBeyond(svg, gap, at, most, unit, kind);
  else drawWithin(svg, gap, at, most, kind);
  return svg;
}

function drawSpread(svg, spread, at, most) {
  const highest = Math.max(...spread.map(([, count]) => count));
  for (const [value, count] of spread) {
    if (Math.abs(value) > most) continue;
    const height = (85 * count) / highest;
    mark(svg, 'rect', { x: `${parseFloat(at(value)) - 1.4}%`, width: '2.8%',
      y: `${100 - height}%`, height: `${height}%`, class: 'spread' });
  }
}

function drawBeyond(svg, { value, apparent, low }, at, most, unit, kind) {
  const side = Math.sign(value);
  const dashes = low === null ? ' alone' : '';
  across(svg, at(0), `${parseFloat(at(side * most)) - 2 * side}%`, `interval ${kind}${dashes}`);
  tip(svg, at(side * most), side, kind);
  const number = signed(value * unit, unit > 1 ? 1 : 2);
  text(svg, at(side * most * 0.9), `${apparent ? 'seems ' : ''}${number}`,
    { dy: -8, class: `beyond ${kind}`, 'text-anchor': side > 0 ? 'end' : 'start' });
}

function drawWithin(svg, { value, low, high }, at, most, kind) {
  if (low === null) {
    dot(svg, at(value), `${kind} hollow`);
    text(svg, at(value), 'no interval', { dy: -9, class: kind, 'text-anchor': 'middle' });
    return;
  }
  across(svg, at(Math.max(-most, low)), at(Math.min(most, high)), `interval ${kind}`);
  if (low < -most) tip(svg, at(-most), -1, kind);
  if (high > most) tip(svg, at(most), 1, kind);
  dot(svg, at(value), kind);
}

// How well a group is ranked, against the whole study.
export function drawArea({ auc, ranks_worse: worse, chip }, range, whole) {
  const svg = plot('area', `AUC ${auc.value.toFixed(3)}, ${auc.low.toFixed(3)} to `
    + `${auc.high.toFixed(3)}`);
  const at = placed(range);
  const kind = worse ? 'bad' : chip ? 'open' : 'whole';
  upright(svg, at(whole.value), 'zero');
  across(svg, at(auc.low), at(auc.high), `interval ${kind}`);
  dot(svg, at(auc.value), kind);
  return svg;
}

// The mean risk that was said, and the share with disease that was found.
export function drawSaid({ said, found, says_wrong: wrong, chip }) {
  const share = (value) => Math.round(100 * value);
  const svg = plot('said', `said ${share(said)} of 100, found ${share(found.value)}, `
    + `${share(found.low)} to ${share(found.high)}`);
  const at = placed(SAID);
  const kind = wrong ? 'bad' : chip ? 'open' : 'whole';
  across(svg, at(0), at(1), 'base');
  across(svg, at(found.low), at(found.high), `interval ${kind}`);
  dot(svg, at(found.value), kind);
  upright(svg, at(said), 'mean', '18%', '82%');
  return svg;
}

// The two lines of text over a column; what there is no room for on a phone is of class "wide".
function axis(range, ticks, top) {
  const svg = newSvg({ class: 'axis', 'aria-hidden': 'true' });
  const at = placed(range);
  for (const [content, anchor, kind] of top) {
    const x = { start: `${LEFT}%`, middle: '50%', end: `${RIGHT}%` }[anchor];
    mark(svg, 'text', { x, y: 12, 'text-anchor': anchor, class: kind }, content);
  }
  for (const [value, content, anchor, kind = ''] of ticks) {
    mark(svg, 'text', { x: at(value), y: 27, 'text-anchor': anchor, class: `tick ${kind}` },
      content);
  }
  return svg;
}

export function drawAxis(most, unit, long, short) {
  const end = most * unit;
  return axis([-most, most],
    [[-most, `-${end}`, 'start'], [0, '0', 'middle'], [most, `+${end}`, 'end']],
    [['← worse', 'start', 'wide'], [long, 'middle', 'wide'], ['better →', 'end', 'wide'],
      [`${short}, better →`, 'end', 'narrow']]);
}

export const drawAreaAxis = ([low, high], { value }) => axis([low, high],
  [[low, String(Number(low.toFixed(2))), 'start'], [value, value.toFixed(3), 'middle'],
    [high, '1', 'end', 'wide']],
  [['ranking, AUC (chance 0.5)', 'start', 'wide'], ['ranking, AUC', 'start', 'narrow']]);

export const drawSaidAxis = () => axis(SAID,
  [[0, '0', 'start'], [0.5, '50', 'middle'], [1, '100', 'end']],
  [['of 100 patients: ❘ said, ● found to have it', 'start', 'wide'],
    ['of 100: ❘ said, ● found', 'start', 'narrow']]);
