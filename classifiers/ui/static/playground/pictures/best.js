// The edge of the best possible classifier, as Python found it, as a path that is drawn dotted.
import { contour } from '../../film/planes.js';

const LEVELS = 32;

export class BestEdge {
  constructor() {
    this.known = { plane: null, path: null };
  }

  path(film, size) {
    if (this.known.plane !== film.bayes) {
      this.known = { plane: film.bayes, path: smoothPath(film.bayes, film.start.bayes_side) };
    }
    const scaled = new Path2D();
    const one = size / film.start.bayes_side;
    scaled.addPath(this.known.path, new DOMMatrix([one, 0, 0, one, 0, 0]));
    return scaled;
  }
}

// The pieces of a contour, joined end to end: dots keep their distance along a joined line.
function smoothPath(plane, side) {
  const name = (x, y) => `${x.toFixed(3)} ${y.toFixed(3)}`;
  const ends = new Map();
  const pieces = contour(plane, side, LEVELS).map(([x1, y1, x2, y2]) => [[x1, y1], [x2, y2]]);
  for (const piece of pieces) {
    for (const end of piece) {
      const key = name(...end);
      if (!ends.has(key)) ends.set(key, []);
      ends.get(key).push(piece);
    }
  }
  const path = new Path2D();
  const used = new Set();
  const follow = (at) => {
    for (;;) {
      const piece = ends.get(name(...at)).find((other) => !used.has(other));
      if (!piece) return;
      used.add(piece);
      at = name(...piece[0]) === name(...at) ? piece[1] : piece[0];
      path.lineTo(...at);
    }
  };
  const loose = (piece) => piece.find((end) => ends.get(name(...end)).length !== 2);
  for (const piece of [...pieces.filter(loose), ...pieces]) {
    if (used.has(piece)) continue;
    const start = loose(piece) ?? piece[0];
    path.moveTo(...start);
    follow(start);
  }
  return path;
}
