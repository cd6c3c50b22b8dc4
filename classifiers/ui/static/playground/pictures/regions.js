// Which class is said where, with the edges between classes computed anew where they run: there a
// kink stays a kink at any size. Scores are planes, one a class, whose largest is the class.
import { labelsOf } from '../engine/network.js';
import { packed } from './colours.js';
import { finerPlaces } from './grid.js';

// The cells that an edge crosses, and their neighbours: an edge may cut off a corner between.
function edgeCells(labels, cells) {
  const side = cells + 1;
  const marked = new Uint8Array(cells * cells);
  for (let row = 0; row < cells; row += 1) {
    for (let column = 0; column < cells; column += 1) {
      const at = row * side + column;
      const label = labels[at];
      if (labels[at + 1] === label && labels[at + side] === label
        && labels[at + side + 1] === label) continue;
      for (const [down, across] of [[0, 0], [0, -1], [0, 1], [-1, 0], [1, 0]]) {
        const [r, c] = [row + down, column + across];
        if (r >= 0 && c >= 0 && r < cells && c < cells) marked[r * cells + c] = 1;
      }
    }
  }
  return marked;
}

// Paints into `pixels`, a Uint32Array of size x size. `fill`: whether regions are filled, or only
// the edges drawn. `ask(places)`: scores at other places; null where there is no more to know.
// `parts`: of a cell's side, where an edge runs.
export function paintRegions(pixels, size, { scores, cells, extent, ask, parts = 3 }, colours,
  look) {
  const labels = labelsOf(scores);
  const marked = edgeCells(labels, cells);
  const tints = Uint32Array.from(colours.regions, packed);
  if (look.fill) fillCells(pixels, size, { labels, marked, cells, tints });
  const chosen = [];
  for (let cell = 0; cell < marked.length; cell += 1) if (marked[cell]) chosen.push(cell);
  if (!chosen.length) return;
  const finer = ask ? ask(finerPlaces(extent, cells, chosen, parts))
    : interpolated(scores, cells, chosen, parts);
  const painter = new EdgePainter(pixels, size, finer,
    { ...look, tints, ink: colours.ink, parts, cells });
  chosen.forEach((cell, k) => painter.cell(cell, k));
}

// The cells that no edge is near, as many of a row at once as there are.
function fillCells(pixels, size, { labels, marked, cells, tints }) {
  const edge = (k) => edgeOf(k, size, cells);
  for (let row = 0; row < cells; row += 1) {
    const [top, bottom] = [edge(row), edge(row + 1)];
    for (let column = 0; column < cells;) {
      const from = column;
      const label = labels[row * (cells + 1) + from];
      while (column < cells && !marked[row * cells + column]
        && labels[row * (cells + 1) + column] === label) column += 1;
      if (column === from) column += 1; // one that is marked
      else {
        const [left, right] = [edge(from), edge(column)];
        for (let y = top; y < bottom; y += 1) {
          pixels.fill(tints[label], y * size + left, y * size + right);
        }
      }
    }
  }
}

// The pixel where a cell, or a part of one, begins: computed in one way only, or there would be
// gaps between them. `count`: how many there are in a row.
function edgeOf(k, size, count) {
  return Math.round((k * size) / count);
}

// Where nothing finer is known: what lies between the corners.
function interpolated(scores, cells, chosen, parts) {
  return scores.map((plane) => {
    const values = [];
    for (const cell of chosen) {
      const at = cell + Math.floor(cell / cells);
      for (let v = 0; v <= parts; v += 1) {
        for (let u = 0; u <= parts; u += 1) {
          values.push(between(plane, at, cells + 1, u / parts, v / parts));
        }
      }
    }
    return values;
  });
}

function between(plane, at, side, u, v) {
  return (plane[at] * (1 - u) + plane[at + 1] * u) * (1 - v)
    + (plane[at + side] * (1 - u) + plane[at + side + 1] * u) * v;
}

class EdgePainter {
  constructor(pixels, size, scores, look) {
    const { parts, cells, line } = look;
    Object.assign(this, look, { pixels, size, scores, side: parts + 1, count: parts * cells,
      step: size / (parts * cells), reach: line / 2 + 0.5 });
  }

  cell(cell, k) {
    const { parts, side, cells } = this;
    const column = cell % cells;
    const row = (cell - column) / cells;
    for (let v = 0; v < parts; v += 1) {
      for (let u = 0; u < parts; u += 1) {
        this.part((k * side + v) * side + u, column * parts + u, row * parts + v);
      }
    }
  }

  // One part of a cell, the `across`th and `down`th, with its corners' scores from `at` on.
  part(at, across, down) {
    const { size, count } = this;
    const [left, right] = [edgeOf(across, size, count), edgeOf(across + 1, size, count)];
    const [top, bottom] = [edgeOf(down, size, count), edgeOf(down + 1, size, count)];
    const only = this.onlyClass(at);
    if (only < 0) this.mixedPart(at, left, right, top, bottom, across, down);
    else if (this.fill) {
      for (let y = top; y < bottom; y += 1) {
        this.pixels.fill(this.tints[only], y * size + left, y * size + right);
      }
    }
  }

  // The class of a part that no edge comes near, or -1. Between corners the lead of a class over
  // another is never below its least at a corner, nor does it fall faster than along a side.
  onlyClass(at) {
    const { scores, side, alpha, reach, step } = this;
    const below = at + side;
    let first = 0;
    for (let c = 1; c < scores.length; c += 1) if (scores[c][at] > scores[first][at]) first = c;
    const one = scores[first];
    for (let c = 0; c < scores.length; c += 1) {
      if (c === first) continue;
      const two = scores[c];
      const p = one[at] - two[at];
      const q = one[at + 1] - two[at + 1];
      const r = one[below] - two[below];
      const s = one[below + 1] - two[below + 1];
      const least = Math.min(p, q, r, s);
      if (!(least > 0)) return -1;
      if (!alpha) continue;
      const steepX = Math.max(Math.abs(q - p), Math.abs(s - r)) / step;
      const steepY = Math.max(Math.abs(r - p), Math.abs(s - q)) / step;
      if (least < reach * Math.sqrt(steepX * steepX + steepY * steepY)) return -1;
    }
    return first;
  }

  // Run for each pixel near an edge: nothing is allocated here.
  mixedPart(at, left, right, top, bottom, across, down) {
    const { size, pixels, scores, side, step, fill, tints, alpha, reach } = this;
    const below = at + side;
    for (let y = top; y < bottom; y += 1) {
      const v = (y + 0.5) / step - down;
      for (let x = left; x < right; x += 1) {
        const u = (x + 0.5) / step - across;
        const [w00, w01, w10, w11] = [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
        let [best, next, first, second] = [-Infinity, -Infinity, 0, 0];
        for (let c = 0; c < scores.length; c += 1) {
          const plane = scores[c];
          const score = plane[at] * w00 + plane[at + 1] * w01 + plane[below] * w10
            + plane[below + 1] * w11;
          if (score > best) {
            next = best;
            second = first;
            best = score;
            first = c;
          } else if (score > next) {
            next = score;
            second = c;
          }
        }
        const place = y * size + x;
        if (fill) pixels[place] = tints[first];
        if (!alpha) continue;
        const near = reach - (best - next) / this.steepness(at, first, second, u, v);
        if (near > 0) pixels[place] = this.inked(pixels[place], Math.min(1, near) * alpha);
      }
    }
  }

  // How fast the lead of one class over another changes, a pixel.
  steepness(at, first, second, u, v) {
    const one = this.scores[first];
    const two = this.scores[second];
    const below = at + this.side;
    const a = one[at] - two[at];
    const b = one[at + 1] - two[at + 1];
    const c = one[below] - two[below];
    const d = one[below + 1] - two[below + 1];
    const across = ((b - a) * (1 - v) + (d - c) * v) / this.step;
    const down = ((c - a) * (1 - u) + (d - b) * u) / this.step;
    return Math.sqrt(across * across + down * down) + 1e-12;
  }

  inked(pixel, alpha) {
    const { ink } = this;
    let mixed = 0xff000000;
    for (let k = 0; k < 3; k += 1) {
      const old = (pixel >>> (8 * k)) & 255;
      mixed |= Math.round(old + (ink[k] - old) * alpha) << (8 * k);
    }
    return mixed >>> 0;
  }
}
