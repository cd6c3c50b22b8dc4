// Where everything of the drawn network stands, in pixels of its box.
const MOST_DRAWN = 8; // units of a layer
const [HEAD, TALL] = [34, 88]; // the heads of the columns
const ROWS = 7;

// network: {features: on or off of each known input, widths, outputs, strengths a layer}. A wide
// layer shows its strongest units.
export function placesOf({ width, height, features, widths, outputs, strengths }) {
  const phone = width < 420;
  // What is written before the inputs and after the outputs; the largest unit.
  const [before, after, largest] = phone ? [40, 48, 34] : [50, 70, 68];
  // Between narrow columns a layer's two buttons have no place beside each other.
  const between = (width - before - after - largest) / (widths.length + 1);
  const stacked = between < (phone ? 80 : 76);
  const top = stacked ? TALL : HEAD;
  const rows = Math.max(ROWS,
    ...widths.map((units) => Math.min(MOST_DRAWN, units) + (units > MOST_DRAWN ? 0.6 : 0)));
  const pitch = Math.min(82, (height - top) / rows);
  const size = Math.max(22, Math.min(largest, pitch - 9));
  const left = before + size / 2;
  const right = width - after - size / 2;
  const columns = [left, ...widths.map((_, i) =>
    left + ((right - left) * (i + 1)) / (widths.length + 1)), right];
  const middle = top + (height - top) / 2;
  const stack = (count, apart, shift = 0) => Array.from({ length: count },
    (_, i) => middle + (i - (count - 1) / 2 - shift) * apart);
  const layers = widths.map((units, i) => {
    const all = [...Array(units).keys()];
    const more = units > MOST_DRAWN;
    const order = more ? all.toSorted((a, b) => strengths[i][b] - strengths[i][a])
      .slice(0, MOST_DRAWN) : all;
    const ys = stack(order.length, pitch, more ? 0.3 : 0);
    return {
      units: order.map((unit, row) => ({ unit, x: columns[i + 1], y: ys[row] })),
      more: more ? { count: units - MOST_DRAWN, y: ys.at(-1) + size / 2 + 4 } : null,
    };
  });
  const apart = Math.min(pitch * 1.3, 104, (height - top) / outputs);
  return {
    size,
    stacked,
    columns,
    inputs: stack(features.length, pitch).map((y, k) =>
      ({ y, x: columns[0], size: features[k] ? size : size * 0.66 })),
    layers,
    outputs: stack(outputs, apart).map((y, unit) => ({ unit, x: columns.at(-1), y })),
  };
}

export function curve(a, b, size) {
  const [from, to] = [a.x + size / 2, b.x - size / 2];
  const middle = (from + to) / 2;
  return `M${from} ${a.y}C${middle} ${a.y} ${middle} ${b.y} ${to} ${b.y}`;
}
