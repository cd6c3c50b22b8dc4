// The plane as a layer sees it: a grid of cells and the points, carried through the layer and laid
// flat along the two directions in which the points vary most.
import { principalAxes, project } from '../engine/measure.js';
import { labelsOf } from '../engine/network.js';
import { css } from './colours.js';

const MESH = 28; // cells a side

// Where everything lies, fitted into a square of `size`. `before`: the axes of the last picture.
export function foldedSpace({ grid, cells, scores, points, before, size }) {
  const basis = principalAxes(points, before);
  const dots = project(points, basis);
  const mesh = project(grid, basis);
  const ends = [dots.xs, dots.ys].map((values) =>
    [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]);
  const widest = Math.max(...ends.map(([low, high]) => high - low), 1e-9);
  const scale = (0.8 * size) / widest;
  const [cx, cy] = ends.map(([low, high]) => (low + high) / 2);
  const half = size / 2;
  const place = ({ xs, ys }, i) => [half + (xs[i] - cx) * scale, half - (ys[i] - cy) * scale];
  const step = Math.max(1, cells / MESH);
  const labels = labelsOf(scores);
  const tiles = [];
  for (let row = 0; row < cells; row += step) {
    for (let column = 0; column < cells; column += step) {
      const at = (down, across) => (row + down) * (cells + 1) + column + across;
      const middle = Math.floor(step / 2);
      tiles.push({ label: labels[at(middle, middle)],
        corners: [at(0, 0), at(0, step), at(step, step), at(step, 0)].map((i) => place(mesh, i)) });
    }
  }
  return { basis, tiles, place: (i) => place(dots, i) };
}

export function drawSpace(context, { tiles }, colours, { ratio, size }) {
  context.fillStyle = css(colours.paper);
  context.fillRect(0, 0, size, size);
  context.lineWidth = 0.8 * ratio;
  const looks = colours.classes.map((colour) =>
    [css(colour, colours.dark ? 0.3 : 0.22), css(colour, 0.45)]);
  for (const { label, corners } of tiles) {
    context.beginPath();
    for (const corner of corners) context.lineTo(...corner);
    context.closePath();
    [context.fillStyle, context.strokeStyle] = looks[label];
    context.fill();
    context.stroke();
  }
}
