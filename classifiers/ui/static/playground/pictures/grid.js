// A square grid of corners over what the picture shows, row 0 at the top.
const FINENESS = [112, 84, 56, 28]; // cells a side
const MOST_WORK = 8e6; // multiply-adds of a pass over the corners

// As fine as a network of `work` multiply-adds a point can be asked while a film plays.
export function finenessFor(work) {
  return FINENESS.find((cells) => (cells + 1) ** 2 * work <= MOST_WORK) ?? FINENESS.at(-1);
}

export function gridPlaces([xMin, xMax, yMin, yMax], cells) {
  const side = cells + 1;
  const [xs, ys] = [new Float64Array(side * side), new Float64Array(side * side)];
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      xs[row * side + column] = xMin + ((xMax - xMin) * column) / cells;
      ys[row * side + column] = yMax - ((yMax - yMin) * row) / cells;
    }
  }
  return { xs, ys };
}

// The corners of finer cells inside some cells of a grid, one cell's after the other's.
export function finerPlaces([xMin, xMax, yMin, yMax], cells, chosen, parts) {
  const total = chosen.length * (parts + 1) ** 2;
  const [xs, ys] = [new Float64Array(total), new Float64Array(total)];
  let at = 0;
  for (const cell of chosen) {
    const column = cell % cells;
    const row = (cell - column) / cells;
    for (let down = 0; down <= parts; down += 1) {
      for (let across = 0; across <= parts; across += 1) {
        xs[at] = xMin + ((xMax - xMin) * (column + across / parts)) / cells;
        ys[at] = yMax - ((yMax - yMin) * (row + down / parts)) / cells;
        at += 1;
      }
    }
  }
  return { xs, ys };
}
