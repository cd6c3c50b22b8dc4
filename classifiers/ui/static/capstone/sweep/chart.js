// One setting at many values: a dot a network, lines through the medians, the best possible dotted.
// Python sent every number; here they only get a place.
import { scale } from '../../charts/scale.js';
import { mark, newSvg } from '../../charts/svg.js';
import { aside } from './swarm.js';

const SETS = [['fresh', -1], ['test', 1]];
const REACH = 16; // pixels from a dot at which it is meant

// chart: as `chart_of` made it; measure: 'accuracy' or 'loss'. Gives the dots and how to mark them.
export function drawDots(holder, chart, measure) {
  const plot = plan(holder, chart, measure);
  drawAxes(plot, chart, measure);
  const dots = chart.columns.flatMap((column) => (column.error
    ? tellError(plot, column) : drawColumn(plot, chart, column, measure)));
  drawMedians(plot, chart, measure);
  drawNotes(plot, chart, measure);
  plot.rings = { picked: newRings(plot.svg, 'picked'), near: newRings(plot.svg, 'near') };
  holder.replaceChildren(plot.svg);
  return { ...plot, dots,
    nearest: (x, y) => nearest(dots, x, y),
    ring(kind, pick) {
      if (kind === 'picked') embolden(plot.svg, pick);
      const of = pick ? dots.filter((dot) => dot.index === pick.index && dot.member === pick.member)
        : [];
      plot.rings[kind].forEach((ring, i) => {
        ring.toggleAttribute('hidden', !of[i]);
        ring.setAttribute('display', of[i] ? 'inline' : 'none');
        if (!of[i]) return;
        ring.setAttribute('cx', of[i].x.toFixed(1));
        ring.setAttribute('cy', of[i].y.toFixed(1));
      });
    } };
}

function plan(holder, chart, measure) {
  const width = Math.max(280, holder.clientWidth);
  const small = width < 520;
  const axis = chart.axes[measure];
  const height = small ? 340 : 430;
  const [left, right, top] = [34, width - 4, 10];
  const bottom = height - 62;
  const rest = axis.cut === null ? 0 : 18; // for what is cut off
  const svg = newSvg({ viewBox: `0 0 ${width} ${height}`, height, role: 'img',
    'aria-label': `${measure} against ${chart.inside}, a dot a network` });
  const log = measure === 'loss';
  const atY = scale({ range: axis.range, log }, bottom - rest, top + (log ? 18 : 0));
  const wide = (right - left) / chart.values.length;
  const lost = { low: bottom - 5, high: top + 4 }; // where what is beyond the axis is told
  const most = chart.drawn > 60 ? 4.4 : 6;
  const size = Math.max(3, Math.min(small ? 4.4 : most, wide / 14));
  return { svg, width, height, left, right, top, bottom, atY, wide, lost, size, axis, small,
    centre: (index) => left + wide * (index + 0.5),
    half: { fresh: wide * 0.2, test: wide * 0.24 }, // scores on few points share few heights
    middle: (index, side) => left + wide * (index + 0.5 + (side < 0 ? -0.27 : 0.21)) };
}

function drawAxes({ svg, left, right, top, height, atY, axis, centre, wide }, chart, measure) {
  for (const tick of axis.ticks) {
    const y = atY(tick).toFixed(1);
    mark(svg, 'line', { x1: left, x2: right, y1: y, y2: y, class: 'grid' });
    mark(svg, 'text', { x: left - 6, y: Number(y) + 4, 'text-anchor': 'end', class: 'y' },
      measure === 'accuracy' ? String(Math.round(100 * tick)) : String(tick));
  }
  const room = Math.max(4, Math.floor(wide / 6.4));
  chart.values.forEach((text, index) => {
    mark(svg, 'text', { x: centre(index), y: height - 26, 'text-anchor': 'middle', class: 'x',
      'data-index': index }, text.length > room ? text.slice(0, room) : text);
  });
  mark(svg, 'text', { x: right, y: height - 6, 'text-anchor': 'end', class: 'name' },
    `${chart.inside} →`);
  mark(svg, 'text', { x: 0, y: top - 1, class: 'name over', display: 'none' }, measure);
}

function drawColumn(plot, chart, column, measure) {
  const { svg, atY, axis, half, middle, lost, size } = plot;
  return SETS.flatMap(([set, side]) => {
    const values = column[measure][set];
    const beyond = (value) => (value === null ? 'high' : value < axis.range[0] ? 'low' : null);
    const places = values.map((value) => (beyond(value) ? null : atY(value)));
    const moved = aside(places, set === 'test' ? size * 0.92 : size, half[set]);
    const out = { low: [], high: [] };
    values.forEach((value, member) => out[beyond(value)]?.push(member));
    return values.map((value, member) => {
      const where = beyond(value);
      const others = out[where];
      const shift = where === null ? moved[member]
        : (others.indexOf(member) - (others.length - 1) / 2)
          * Math.min(7, (2 * half[set]) / others.length);
      const [x, y] = [middle(column.index, side) + shift, places[member] ?? lost[where]];
      const what = { 'data-index': column.index, 'data-member': member, 'data-set': set };
      if (where === null) {
        mark(svg, 'circle', { ...what, cx: x.toFixed(1), cy: y.toFixed(1),
          r: (size / 2 - (set === 'test' ? 0.6 : 0)).toFixed(2), class: `dot ${set}` });
      } else {
        const tip = where === 'low' ? 'h7.2l-3.6 6.4z' : 'm0 6.4h7.2l-3.6 -6.4z';
        mark(svg, 'path', { ...what, d: `M${(x - 3.6).toFixed(1)} ${(y - 3).toFixed(1)}${tip}`,
          class: `dot ${set} cut-off ${where}` });
      }
      return { index: column.index, member, set, value, x, y };
    });
  });
}

function tellError({ svg, centre, top, bottom }, column) {
  mark(svg, 'text', { x: centre(column.index), y: (top + bottom) / 2, 'text-anchor': 'middle',
    class: 'failed' }, 'failed');
  return [];
}

function drawMedians({ svg, atY, axis, middle, wide, left, centre }, chart, measure) {
  const there = chart.columns.filter((column) => !column.error);
  const level = (value, x1, x2, kind) => {
    if (value === null || value === undefined) return;
    const y = atY(value).toFixed(1);
    mark(svg, 'line', { x1: x1.toFixed(1), x2: x2.toFixed(1), y1: y, y2: y, class: kind });
  };
  if (measure === 'accuracy') {
    for (const column of there) {
      const from = left + wide * column.index;
      level(column.best, from + 3, from + wide - 3, 'best');
      level(column.best_test, centre(column.index) + 2, from + wide - 3, 'best own');
    }
  }
  if (!chart.lines) return; // too few networks to sum up
  for (const [set, side] of SETS.toReversed()) {
    const points = there.filter((column) => column[measure].median[set] !== null)
      .map((column) => [middle(column.index, side).toFixed(1), atY(Math.max(axis.range[0],
        column[measure].median[set])).toFixed(1)].join(','));
    for (const kind of ['casing', 'line']) {
      mark(svg, 'polyline', { points: points.join(' '), class: `${kind} ${set}` });
    }
    for (const point of points) {
      const [cx, cy] = point.split(',');
      mark(svg, 'circle', { cx, cy, r: 3.4, class: `median ${set}` });
    }
  }
}

// "2 of 20", or "2" where there is no room: how many never learned, below the triangles, or how
// many diverged. The legend says which.
function drawNotes({ svg, centre, wide, bottom, lost }, chart, measure) {
  for (const column of chart.columns) {
    const count = measure === 'accuracy' ? column.never : column.diverged;
    if (!count) continue;
    const whole = `${count} of ${chart.members}`;
    mark(svg, 'text', { x: centre(column.index), 'text-anchor': 'middle', class: 'note',
      y: measure === 'loss' ? lost.high + 16 : bottom + 12 },
    6.6 * whole.length < wide ? whole : String(count));
  }
}

function newRings(svg, kind) {
  return [0, 1].map(() => mark(svg, 'circle', { r: kind === 'picked' ? 7 : 5.5,
    class: `ring ${kind}`, display: 'none' }));
}

function embolden(svg, pick) {
  for (const text of svg.querySelectorAll('text.x')) {
    text.classList.toggle('now', pick?.index === Number(text.dataset.index));
  }
}

function nearest(dots, x, y) {
  let [found, least] = [null, REACH ** 2];
  for (const dot of dots) {
    const distance = (dot.x - x) ** 2 + (dot.y - y) ** 2;
    if (distance < least) [found, least] = [dot, distance];
  }
  return found;
}
