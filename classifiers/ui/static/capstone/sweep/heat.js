// Two settings at every pair of values: a cell a setting, its median as ink and as a number.
import { mark, newSvg } from '../../charts/svg.js';

const DARK = 0.5; // from this share of ink on, a number is written in the colour of the paper

// heat: as `heat_of` made it; at: which of its moments. Gives the cells and how to mark them.
export function drawHeat(holder, heat, at) {
  const plot = plan(holder, heat);
  const { svg, left, bottom, cell } = plot;
  heat.values.forEach((text, i) => {
    mark(svg, 'text', { x: left + cell.width * (i + 0.5), y: bottom + 18, 'text-anchor': 'middle',
      class: 'x' }, text);
  });
  heat.and_values.forEach((text, j) => {
    mark(svg, 'text', { x: left - 8, y: top(plot, j) + cell.height / 2 + 4, 'text-anchor': 'end',
      class: 'y' }, text);
  });
  mark(svg, 'text', { x: plot.width, y: bottom + 38, 'text-anchor': 'end', class: 'name' },
    `${heat.inside} →`);
  mark(svg, 'text', { x: 0, y: 11, class: 'name over' }, `${heat.and_inside} ↑`);
  const cells = heat.moments[at].cells.map((told, index) => drawCell(plot, heat, told, index));
  const picked = mark(svg, 'rect', { class: 'picked', rx: 7, display: 'none' });
  const near = mark(svg, 'rect', { class: 'near', rx: 7, display: 'none' });
  holder.replaceChildren(svg);
  return { ...plot, cells, nearest: (x, y) => cells.find((one) => one.known
    && x >= one.x && x <= one.x + cell.width && y >= one.y && y <= one.y + cell.height) ?? null,
  ring(kind, pick) {
    const ring = kind === 'picked' ? picked : near;
    const one = pick && cells[pick.index];
    ring.setAttribute('display', one ? 'inline' : 'none');
    if (!one) return;
    for (const [key, value] of Object.entries({ x: one.x + 0.5, y: one.y + 0.5,
      width: cell.width - 1, height: cell.height - 1 })) ring.setAttribute(key, value);
  } };
}

function plan(holder, heat) {
  const width = Math.max(280, holder.clientWidth);
  const longest = Math.max(...heat.and_values.map((text) => text.length));
  const [left, start] = [Math.max(40, 14 + 7 * longest), 20];
  const cell = { width: (width - left) / heat.values.length,
    height: Math.min(46, Math.max(30, 300 / heat.and_values.length)) };
  const bottom = start + cell.height * heat.and_values.length;
  const svg = newSvg({ viewBox: `0 0 ${width} ${bottom + 44}`, height: bottom + 44, role: 'img',
    'aria-label': `${heat.inside} and ${heat.and_inside}: accuracy on fresh points` });
  return { svg, width, height: bottom + 44, left, bottom, cell };
}

// The first of the second setting's values stands at the bottom.
function top({ bottom, cell }, j) {
  return bottom - cell.height * (j + 1);
}

function drawCell(plot, heat, told, index) {
  const { svg, left, cell } = plot;
  const [i, j] = [Math.floor(index / heat.and_values.length), index % heat.and_values.length];
  const [x, y] = [left + cell.width * i, top(plot, j)];
  const place = { x: x + 1.5, y: y + 1.5, width: cell.width - 3, height: cell.height - 3, rx: 6 };
  const known = Boolean(told) && told.median !== null;
  const box = mark(svg, 'rect', { ...place, class: known ? 'cell' : 'cell empty',
    'data-index': index });
  if (!known) {
    if (told?.error) {
      mark(svg, 'text', { x: x + cell.width / 2, y: y + cell.height / 2 + 4,
        'text-anchor': 'middle', class: 'failed' }, 'failed');
    }
    return { index, x, y, known: Boolean(told) };
  }
  box.style.setProperty('--share', `${Math.round(86 * told.shade)}%`);
  const tone = told.shade * 0.86 > DARK ? 'light' : 'ink';
  mark(svg, 'text', { x: x + cell.width / 2, y: y + cell.height / 2 + 4.5,
    'text-anchor': 'middle', class: `number ${tone}`, 'data-index': index },
  (100 * told.median).toFixed(1));
  if (told.tie) {
    mark(svg, 'circle', { cx: x + cell.width - 10, cy: y + 10, r: 3, class: `tie ${tone}`,
      'data-index': index });
  }
  return { index, x, y, known };
}
