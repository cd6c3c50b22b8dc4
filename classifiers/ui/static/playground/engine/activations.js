// What a unit does to its weighted sum, as torch does it.

// Abramowitz and Stegun 7.1.26: to 1.5e-7, which float32 can just tell from 0.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
    + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? tail - 1 : 1 - tail;
}

const RULES = {
  identity: (z) => z,
  leaky_relu: (z) => (z > 0 ? z : 0.01 * z),
  tanh: Math.tanh,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  gelu: (z) => (z * (1 + erf(z * Math.SQRT1_2))) / 2,
};

// In place. A plane holds one unit's values at all points.
export function activate(plane, name) {
  if (name === 'identity') return;
  if (name === 'relu') { // without a call for each number
    for (let i = 0; i < plane.length; i += 1) if (!(plane[i] > 0)) plane[i] = 0;
    return;
  }
  const rule = RULES[name];
  for (let i = 0; i < plane.length; i += 1) plane[i] = rule(plane[i]);
}
