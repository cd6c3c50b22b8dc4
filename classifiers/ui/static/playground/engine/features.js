// What the network is given of a point, by name.
export const FEATURES = {
  x1: (x) => x,
  x2: (_, y) => y,
  'x1^2': (x) => x * x,
  'x2^2': (_, y) => y * y,
  'x1*x2': (x, y) => x * y,
  'sin(x1)': (x) => Math.sin(x),
  'sin(x2)': (_, y) => Math.sin(y),
};

export const FEATURE_NAMES = {
  x1: 'x₁', x2: 'x₂', 'x1^2': 'x₁²', 'x2^2': 'x₂²', 'x1*x2': 'x₁x₂',
  'sin(x1)': 'sin x₁', 'sin(x2)': 'sin x₂',
};

// A plane a feature.
export function inputPlanes({ xs, ys }, features) {
  return features.map((name) => {
    const rule = FEATURES[name];
    const plane = new Float64Array(xs.length);
    for (let i = 0; i < plane.length; i += 1) plane[i] = rule(xs[i], ys[i]);
    return plane;
  });
}

// Points as two lists of coordinates.
export function placesOf(points) {
  return { xs: points.map(({ x }) => x), ys: points.map(({ y }) => y) };
}
