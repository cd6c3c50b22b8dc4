// How numbers are written on the capstone's page, and what its three networks are called.
export const NAMES = ['underfit', 'overfit', 'good'];
export const TITLES = { underfit: 'Too small', overfit: 'Too big', good: 'About right' };

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
export const count = (value) => value.toLocaleString('en');

// A difference of shares, in points.
export const points = (share) => {
  const text = (100 * Math.abs(share)).toFixed(1);
  return text === '0.0' ? '0.0' : `${share < 0 ? '−' : '+'}${text}`;
};

export function loss(value) {
  if (!Number.isFinite(value)) return 'not finite';
  if (value === 0) return '0';
  if (value < 0.001) return value.toExponential(0).replace('e-', 'e−');
  return value.toFixed(value < 0.1 ? 3 : 2);
}
