// What is measured of units (dead, strong), of the space as a layer sees it (principal axes), and
// Wilson's interval.

// Where an activation is flat, as a float32 tells it: relu's zero, a saturated end. No gradient
// passes there; where a unit merely says the same everywhere, one may.
const FLAT = {
  relu: (value) => value === 0,
  tanh: (value) => Math.abs(Math.fround(value)) === 1,
  sigmoid: (value) => Math.fround(value) === 1 || Math.fround(value) < 1e-38,
};

// Whether no gradient of the loss reaches a unit's weights: it is flat at every training point.
export function deadUnits(network, values) {
  const flat = FLAT[network.activation] ?? (() => false);
  return values.slice(1, -1).map((layer) => layer.map((plane) => plane.every(flat)));
}

// How much each unit has to say: its mean size times the weights that carry it on.
export function strengths(network, parameters, values) {
  return values.slice(1, -1).map((layer, k) => layer.map((plane, unit) => {
    let size = 0;
    for (const value of plane) size += Math.abs(value);
    let carried = 0;
    for (let to = 0; to < network.sizes[k + 2]; to += 1) {
      carried += Math.abs(network.weight(parameters, k + 1, unit, to));
    }
    return (size / Math.max(1, plane.length)) * carried;
  }));
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

// The widest direction of a covariance, by power iteration from `start`; at right angles to
// `apart`. It starts from the last picture's: a film does not jump from one solution to another.
function direction(covariance, start, apart) {
  let found = start;
  for (let round = 0; round < 60; round += 1) {
    if (apart) {
      const along = dot(found, apart);
      found = found.map((value, i) => value - along * apart[i]);
    }
    const next = covariance.map((row) => dot(row, found));
    const length = Math.hypot(...next);
    if (length < 1e-12) return found;
    found = next.map((value) => value / length);
  }
  return found;
}

// The two directions in which the planes of a layer vary most, and what share of all variance they
// hold. With two units or one, those themselves.
export function principalAxes(planes, before = null) {
  const size = planes.length;
  const length = planes[0].length;
  const centre = planes.map((plane) => plane.reduce((sum, value) => sum + value, 0) / length);
  const unit = (k) => planes.map((_, i) => Number(i === k));
  if (size < 3) return { centre, axes: [unit(0), unit(1)], share: 1 };
  const covariance = planes.map((a, i) => planes.map((b, j) => {
    let sum = 0;
    for (let n = 0; n < length; n += 1) sum += (a[n] - centre[i]) * (b[n] - centre[j]);
    return sum / length;
  }));
  const begin = before?.axes[0].length === size ? before.axes
    : [planes.map((_, i) => Math.cos(i + 1)), planes.map((_, i) => Math.sin(2 * i + 1))];
  const first = direction(covariance, begin[0], null);
  const second = direction(covariance, begin[1], first);
  const held = [first, second].map((axis) => dot(axis, covariance.map((row) => dot(row, axis))));
  const all = covariance.reduce((sum, row, i) => sum + row[i], 0);
  return { centre, axes: [first, second], share: all > 0 ? (held[0] + held[1]) / all : 1 };
}

// Where the points of a layer's planes lie along two axes.
export function project(planes, { centre, axes }) {
  const [xs, ys] = axes.map((axis) => {
    const along = new Float64Array(planes[0].length);
    planes.forEach((plane, k) => {
      for (let i = 0; i < along.length; i += 1) along[i] += (plane[i] - centre[k]) * axis[k];
    });
    return along;
  });
  return { xs, ys };
}

// Wilson's interval for a share of n, at 95 %.
export function wilson(share, n) {
  const z2 = 1.959963984540054 ** 2;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = Math.sqrt(z2 * ((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
