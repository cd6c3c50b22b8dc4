// Marks that several drawings are made of.
import { mark, newSvg } from '../../../charts/svg.js';
import { sizeOf } from '../../../page/dom.js';

// An element of SVG with its children; a text becomes its text.
export function svg(tag, attributes = {}, ...children) {
  const made = tag === 'svg' ? newSvg(attributes) : mark(document.createDocumentFragment(), tag,
    attributes);
  made.append(...children);
  return made;
}

export function text(x, y, words, attributes = {}) {
  return svg('text', { x, y, ...attributes }, words);
}

export function line(x1, y1, x2, y2, name, attributes = {}) {
  return svg('line', { x1, y1, x2, y2, class: name, ...attributes });
}

// Makes the drawing as wide as its place, in pixels; 0 while it isn't on the page. Height and
// viewBox are written only where they change: else every epoch would lay the page out anew.
export function fit(drawing, height) {
  const [width] = sizeOf(drawing);
  if (drawing.dataset.fits === `${width} ${height}`) return width;
  drawing.dataset.fits = `${width} ${height}`;
  drawing.setAttribute('viewBox', `0 0 ${width || 1} ${height}`);
  drawing.style.height = `${height}px`;
  return width;
}

// Dots piled where they would hide each other: `places` along the axis, in pixels. Gives for each
// its place along the axis and its height over it.
export function pile(places, radius, most) {
  const wide = 2 * radius + 0.3;
  const heaps = new Map();
  places.forEach((x, i) => {
    const bin = Math.round(x / wide);
    heaps.set(bin, [...(heaps.get(bin) ?? []), i]);
  });
  const highest = Math.max(1, ...[...heaps.values()].map((heap) => heap.length));
  const step = Math.min(wide - 0.1, (most - 2 * radius) / Math.max(1, highest - 1));
  const found = [];
  for (const [bin, heap] of heaps) {
    heap.forEach((i, k) => { found[i] = { x: bin * wide, up: k * step }; });
  }
  return found;
}

export function middle(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
