// A small chart in SVG: axes, bands, lines, dots, and markers that whoever drew it moves without a
// redraw.
import { axisTicks, scale, writeTick } from './scale.js';
import { mark, newSvg } from './svg.js';

// A figure stands alone; a strip is low, stands under others, and has a name beside it.
const FIGURE = { least: 220, left: 58, right: 12, top: 8, bottom: 38,
  height: (width) => Math.round(Math.min(260, Math.max(190, width * 0.72))) };
const STRIP = { least: 180, left: 42, right: 10, top: 8, bottom: 22, height: () => 132 };

// options: label, strip, height, x: {range, name, percent, whole, ticks: names of 0, 1, ...; or at:
// values and write: their texts}, y likewise and log, bands [{x, low, high, kind}], lines [{x, y,
// kind}], dots [{x, y, low, high}], labels [{x, y, kind, text, anchor}], markers [kind]; kinds are
// CSS classes. frame: in place of a figure's; a quiet one has no upright grid and names y on top.
export function drawChart(holder, options) {
  const plot = plan(holder, options);
  drawX(plot, options.x);
  drawY(plot, options.y);
  const data = clipped(plot);
  for (const band of options.bands || []) drawBand(data, plot, band);
  for (const line of options.lines || []) drawLine(data, plot, line);
  for (const dot of options.dots || []) drawDot(plot, dot);
  for (const { x, y, kind, text, anchor = 'start' } of options.labels || []) {
    mark(plot.svg, 'text', { x: plot.atX(x), y: plot.atY(y), 'text-anchor': anchor,
      class: `label ${kind}` }, text);
  }
  const ends = { y1: plot.top, y2: plot.bottom };
  const cut = mark(plot.svg, 'line', { ...ends, class: 'cut', display: 'none' });
  const markers = (options.markers || []).map((kind) =>
    mark(plot.svg, 'circle', { r: 5.5, class: `marker ${kind}`, display: 'none' }));
  holder.replaceChildren(plot.svg);
  return {
    ...plot,
    cut(value) {
      cut.setAttribute('x1', plot.atX(value));
      cut.setAttribute('x2', plot.atX(value));
      cut.removeAttribute('display');
    },
    mark(index, x, y) {
      const known = [x, y].every(isKnown);
      markers[index].setAttribute('display', known ? 'inline' : 'none');
      if (!known) return;
      markers[index].setAttribute('cx', plot.atX(x));
      markers[index].setAttribute('cy', plot.atY(y));
    },
  };
}

function isKnown(value) {
  return value !== null && value !== undefined;
}

function plan(holder, { label, strip, height: asked, x, y, frame = strip ? STRIP : FIGURE }) {
  const width = Math.max(frame.least, holder.clientWidth);
  const height = asked ?? frame.height(width);
  const [left, right, top, bottom] =
    [frame.left, width - frame.right, frame.top, height - frame.bottom];
  const svg = newSvg({ viewBox: `0 0 ${width} ${height}`, height, role: 'img',
    'aria-label': label });
  return { svg, strip, frame, width, height, left, right, top, bottom,
    atX: scale(x, left, right), atY: scale(y, bottom, top) };
}

function drawX({ svg, strip, frame, width, height, left, right, top, bottom, atX }, axis) {
  const named = axis.ticks && axis.ticks.map((_, i) => i);
  for (const value of named || axis.at || axisTicks(axis, width < 300 ? 3 : 5)) {
    const at = atX(value);
    const anchor = strip && at > right - 14 ? 'end' : 'middle';
    if (!frame.quiet) {
      mark(svg, 'line', strip
        ? { x1: at, x2: at, y1: bottom, y2: bottom + 4, class: 'tick' }
        : { x1: at, x2: at, y1: top, y2: bottom, class: 'grid' });
    }
    mark(svg, 'text', { x: at, y: strip ? height - 6 : bottom + (frame.ticks ?? 14),
      'text-anchor': anchor, class: 'x' }, named ? axis.ticks[value] : write(axis, value));
  }
  if (!axis.name) return;
  const place = strip ? { x: left - 6, y: height - 6, 'text-anchor': 'end' }
    : { x: (left + right) / 2, y: height - 5, 'text-anchor': 'middle' };
  mark(svg, 'text', { ...place, class: 'name' }, axis.name);
}

function write(axis, value) {
  return axis.write ? axis.write(value) : writeTick(axis, value);
}

function drawY({ svg, frame, left, right, top, bottom, atY }, axis) {
  for (const value of axis.at || axisTicks(axis, 4)) {
    const at = atY(value);
    mark(svg, 'line', { x1: left, x2: right, y1: at, y2: at, class: 'grid' });
    mark(svg, 'text', { x: left - 5, y: at + 4, 'text-anchor': 'end', class: 'y' },
      write(axis, value));
  }
  if (!axis.name) return;
  if (frame.quiet) {
    mark(svg, 'text', { x: left, y: 11, class: 'name over' }, axis.name);
    return;
  }
  mark(svg, 'text', { x: 0, y: 0, 'text-anchor': 'middle', class: 'name',
    transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)` }, axis.name);
}

// What leaves the axes is cut off; half of a line along their edge is not.
function clipped({ svg, left, right, top, bottom }) {
  const id = `clip-${Math.random().toString(36).slice(2)}`;
  mark(mark(svg, 'clipPath', { id }), 'rect', { x: left, y: top - 1, width: right - left,
    height: bottom - top + 2 });
  return mark(svg, 'g', { 'clip-path': `url(#${id})` });
}

function order(xs, ...columns) {
  return xs.map((_, i) => i).filter((i) => columns.every((column) => isKnown(column[i])));
}

function trace({ atX, atY }, xs, ys, indices) {
  return indices.map((i) => `${atX(xs[i]).toFixed(1)},${atY(ys[i]).toFixed(1)}`);
}

function drawBand(data, plot, { x, low, high, kind }) {
  const there = order(x, low, high);
  const points = [...trace(plot, x, high, there), ...trace(plot, x, low, there.toReversed())];
  mark(data, 'polygon', { points: points.join(' '), class: `band ${kind}` });
}

function drawLine(data, plot, { x, y, kind }) {
  mark(data, 'polyline', { points: trace(plot, x, y, order(x, y)).join(' '),
    class: `line ${kind}` });
}

function drawDot({ svg, atX, atY }, { x, y, low, high }) {
  mark(svg, 'line', { x1: atX(x), x2: atX(x), y1: atY(low), y2: atY(high), class: 'whisker' });
  mark(svg, 'circle', { cx: atX(x), cy: atY(y), r: 3.5, class: 'dot' });
}
