// Which class is said where, with the edges between classes computed anew where they run: there a
// kink stays a kink at any size. Scores are planes, one a class, whose largest is the class.
import { labelsOf } from '../engine/network.js';
import { packed } from './colours.js';
import { finerPlaces } from './grid.js';

const PARTS = 3; // of a cell's side, where an edge runs

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
export function paintRegions(pixels, size, { scores, cells, extent, ask }, colours, look) {
  const labels = labelsOf(scores);
  const marked = edgeCells(labels, cells);
  const tints = colours.regions.map(packed);
  const chosen = [];
  const edge = (k) => edgeOf(k * PARTS, size, cells);
  for (let cell = 0; cell < marked.length; cell += 1) {
    const column = cell % cells;
    const row = (cell - column) / cells;
    if (marked[cell]) chosen.push(cell);
    else if (look.fill) {
      const tint = tints[labels[row * (cells + 1) + column]];
      for (let y = edge(row); y < edge(row + 1); y += 1) {
        pixels.fill(tint, y * size + edge(column), y * size + edge(column + 1));
      }
    }
  }
  if (!chosen.length) return;
  const finer = ask ? ask(finerPlaces(extent, cells, chosen, PARTS))
    : interpolated(scores, cells, chosen);
  const painter = new EdgePainter(pixels, size, finer, { ...look, tints, ink: colours.ink });
  chosen.forEach((cell, k) => painter.cell(cell, k, cells));
}

// The pixel where a part begins: computed in one way only, or there would be gaps between them.
function edgeOf(part, size, cells) {
  return Math.round((part * size) / (cells * PARTS));
}

// Where nothing finer is known: what lies between the corners.
function interpolated(scores, cells, chosen) {
  return scores.map((plane) => {
    const values = [];
    for (const cell of chosen) {
      const at = cell + Math.floor(cell / cells);
      for (let v = 0; v <= PARTS; v += 1) {
        for (let u = 0; u <= PARTS; u += 1) {
          values.push(between(plane, at, cells + 1, u / PARTS, v / PARTS));
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
  constructor(pixels, size, scores, { fill, line, alpha, tints, ink }) {
    Object.assign(this, { pixels, size, scores, fill, tints, ink, alpha });
    this.reach = line / 2 + 0.5;
  }

  cell(cell, k, cells) {
    const column = cell % cells;
    const row = (cell - column) / cells;
    const step = this.size / cells / PARTS;
    const side = PARTS + 1;
    for (let v = 0; v < PARTS; v += 1) {
      for (let u = 0; u < PARTS; u += 1) {
        this.part(k * side * side + v * side + u, column * PARTS + u, row * PARTS + v, step, cells);
      }
    }
  }

  // One part of a cell, the `across`th and `down`th, with its corners' scores from `at` on. Run for
  // each pixel near an edge: nothing is allocated here.
  part(at, across, down, step, cells) {
    const { size, pixels, reach } = this;
    const left = across * step;
    const top = down * step;
    const right = edgeOf(across + 1, size, cells);
    const bottom = edgeOf(down + 1, size, cells);
    for (let y = edgeOf(down, size, cells); y < bottom; y += 1) {
      for (let x = edgeOf(across, size, cells); x < right; x += 1) {
        this.best(at, (x + 0.5 - left) / step, (y + 0.5 - top) / step);
        const place = y * size + x;
        if (this.fill) pixels[place] = this.tints[this.first];
        if (!this.alpha) continue;
        const near = reach - this.distance(at, step);
        if (near > 0) pixels[place] = this.inked(pixels[place], Math.min(1, near) * this.alpha);
      }
    }
  }

  // The two likeliest classes at (u, v) of a part.
  best(at, u, v) {
    const { scores } = this;
    let top = -Infinity;
    let next = -Infinity;
    let first = 0;
    let second = 0;
    for (let c = 0; c < scores.length; c += 1) {
      const score = between(scores[c], at, PARTS + 1, u, v);
      if (score > top) {
        next = top;
        second = first;
        top = score;
        first = c;
      } else if (score > next) {
        next = score;
        second = c;
      }
    }
    this.u = u;
    this.v = v;
    this.lead = top - next;
    this.first = first;
    this.second = second;
  }

  // To the edge, in pixels, as far as the lead of the first falls evenly.
  distance(at, step) {
    const one = this.scores[this.first];
    const two = this.scores[this.second];
    const below = at + PARTS + 1;
    const a = one[at] - two[at];
    const b = one[at + 1] - two[at + 1];
    const c = one[below] - two[below];
    const d = one[below + 1] - two[below + 1];
    const across = ((b - a) * (1 - this.v) + (d - c) * this.v) / step;
    const down = ((c - a) * (1 - this.u) + (d - b) * this.u) / step;
    return this.lead / (Math.sqrt(across * across + down * down) + 1e-12);
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
