// A small line chart in SVG: axes, bands, lines, dots, and markers that move without a redraw.
function ticksBetween(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const ticks = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9; v += step) {
    ticks.push(Math.abs(v) < 1e-12 ? 0 : v);
  }
  return ticks;
}

// options: label, x: {range, name, percent, ticks: names of 0, 1, ...}, y likewise, bands [{x, low, high, kind}],
// lines [{x, y, kind}], dots [{x, y, low, high}], markers [kind]; kinds are CSS classes.
function drawChart(holder, options) {
  const width = Math.max(220, holder.clientWidth);
  const height = Math.round(Math.min(260, Math.max(190, width * 0.72)));
  const [left, right, top, bottom] = [58, 12, 8, 38];
  const { x, y } = options;
  const atX = (v) => left + ((v - x.range[0]) / (x.range[1] - x.range[0])) * (width - left - right);
  const atY = (v) => top + ((y.range[1] - v) / (y.range[1] - y.range[0])) * (height - top - bottom);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('height', height);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', options.label);
  const write = (axis, v) => (axis.percent ? `${Math.round(v * 100)} %` : String(+v.toFixed(3)));
  const named = x.ticks && x.ticks.map((_, i) => i);
  for (const v of named || ticksBetween(...x.range, width < 300 ? 3 : 5)) {
    mark(svg, 'line', { x1: atX(v), x2: atX(v), y1: top, y2: height - bottom, class: 'grid' });
    mark(svg, 'text', { x: atX(v), y: height - bottom + 14, 'text-anchor': 'middle' },
      named ? x.ticks[v] : write(x, v));
  }
  for (const v of ticksBetween(...y.range, 4)) {
    mark(svg, 'line', { x1: left, x2: width - right, y1: atY(v), y2: atY(v), class: 'grid' });
    mark(svg, 'text', { x: left - 5, y: atY(v) + 4, 'text-anchor': 'end' }, write(y, v));
  }
  mark(svg, 'text', { x: (left + width - right) / 2, y: height - 5, 'text-anchor': 'middle',
    class: 'name' }, x.name);
  mark(svg, 'text', { x: 0, y: 0, 'text-anchor': 'middle', class: 'name',
    transform: `translate(11 ${(top + height - bottom) / 2}) rotate(-90)` }, y.name);
  const clip = `clip-${Math.random().toString(36).slice(2)}`;
  mark(mark(svg, 'clipPath', { id: clip }), 'rect', { x: left, y: top,
    width: width - left - right, height: height - top - bottom });
  const data = mark(svg, 'g', { 'clip-path': `url(#${clip})` });
  const known = (xs, ...columns) => xs.map((_, i) => i)
    .filter((i) => columns.every((c) => c[i] !== null && c[i] !== undefined));
  const path = (xs, ys, order) => order.map((i) => `${atX(xs[i]).toFixed(1)},${atY(ys[i]).toFixed(1)}`);
  for (const band of options.bands || []) {
    const order = known(band.x, band.low, band.high);
    const points = [...path(band.x, band.high, order), ...path(band.x, band.low, order.slice().reverse())];
    mark(data, 'polygon', { points: points.join(' '), class: `band ${band.kind}` });
  }
  for (const line of options.lines || []) {
    const order = known(line.x, line.y);
    mark(data, 'polyline', { points: path(line.x, line.y, order).join(' '),
      class: `line ${line.kind}` });
  }
  for (const dot of options.dots || []) {
    mark(svg, 'line', { x1: atX(dot.x), x2: atX(dot.x), y1: atY(dot.low), y2: atY(dot.high),
      class: 'whisker' });
    mark(svg, 'circle', { cx: atX(dot.x), cy: atY(dot.y), r: 3.5, class: 'dot' });
  }
  const cut = mark(svg, 'line', { y1: top, y2: height - bottom, class: 'cut', display: 'none' });
  const markers = (options.markers || []).map((kind) =>
    mark(svg, 'circle', { r: 5.5, class: `marker ${kind}`, display: 'none' }));
  holder.replaceChildren(svg);
  return {
    cut(v) {
      cut.setAttribute('x1', atX(v));
      cut.setAttribute('x2', atX(v));
      cut.removeAttribute('display');
    },
    mark(index, px, py) {
      const hidden = px === null || py === null || px === undefined || py === undefined;
      markers[index].setAttribute('display', hidden ? 'none' : 'inline');
      if (hidden) return;
      markers[index].setAttribute('cx', atX(px));
      markers[index].setAttribute('cy', atY(py));
    },
  };
}
