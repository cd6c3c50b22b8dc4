// The charts of a section as one figure, placed as on the page, with captions, legends and today's
// colours.
import { saveSvg, styledCopy } from './save.js';
import { mark, newSvg, setAll } from './svg.js';

const GAP = 24;
const DASHES = { dashed: '5 4', dotted: '2 3' };

export function offerToSave(root, name) {
  root.querySelectorAll('[data-save]').forEach((button) =>
    button.addEventListener('click', () => saveCharts(root, name, button.dataset.save)));
}

function saveCharts(root, name, kind) {
  const { color, fontFamily } = getComputedStyle(root);
  const paper = getComputedStyle(root).getPropertyValue('--body-background-fill').trim();
  const svg = newSvg({ 'font-family': fontFamily });
  mark(svg, 'rect', { width: '100%', height: '100%', fill: paper || 'white' });
  let [width, height, left, top, row] = [0, 0, GAP, 0, null];
  for (const figure of root.querySelectorAll('figure')) {
    if (row !== null && figure.offsetTop !== row) [left, top] = [GAP, height];
    row = figure.offsetTop;
    const size = addChart(svg, figure, left, top, color);
    left += GAP + size.width;
    width = Math.max(width, left);
    height = Math.max(height, top + size.height + 10);
  }
  [width, height] = [Math.ceil(width), Math.ceil(height)];
  setAll(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
  saveSvg(svg, name, kind);
}

// One chart with its caption and its legend; gives the size of all that.
function addChart(svg, figure, left, top, ink) {
  const chart = figure.querySelector('svg');
  const box = chart.viewBox.baseVal;
  let head = 8;
  figure.querySelector('figcaption').innerText.split('\n').forEach((said, i) => {
    for (const line of wrapped(said, box.width / 7.5)) {
      head += 17;
      mark(svg, 'text', { x: left, y: top + head, fill: ink, 'font-size': 13,
        'font-weight': i ? 400 : 600 }, line);
    }
  });
  const entries = figure.querySelectorAll('.legend span');
  head += entries.length ? 20 : 0;
  const right = addLegend(svg, entries, left, top + head, ink);
  head += 12;
  svg.append(setAll(styledCopy(chart), { x: left, y: top + head, width: box.width,
    height: box.height, overflow: 'visible' }));
  return { width: Math.max(box.width, right - left), height: head + box.height };
}

function addLegend(svg, entries, left, y, ink) {
  let x = left;
  for (const entry of entries) {
    addKey(svg, entry.querySelector('.key'), x, y - 4);
    mark(svg, 'text', { x: x + 23, y, fill: ink, 'font-size': 12 }, entry.textContent);
    x += entry.offsetWidth + 14;
  }
  return x;
}

// A key's `data-mark` says what it stands for: a dot, a ring, a triangle; else it is a line.
function addKey(svg, key, x, y) {
  const style = getComputedStyle(key);
  const [colour, kind] = [style.borderTopColor, key.dataset.mark];
  if (kind === 'dot' || kind === 'ring') {
    mark(svg, 'circle', { cx: x + 9, cy: y, r: 4, fill: kind === 'dot' ? colour : 'none',
      stroke: colour, 'stroke-width': 1.6 });
  } else if (kind === 'triangle') {
    mark(svg, 'path', { d: `M${x + 5} ${y - 3}h8l-4 7z`, fill: colour });
  } else {
    mark(svg, 'line', { x1: x, x2: x + 18, y1: y, y2: y, stroke: colour, 'stroke-width': 2,
      'stroke-dasharray': DASHES[style.borderTopStyle] || 'none' });
  }
}

function wrapped(words, most) {
  const lines = [''];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > most) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
