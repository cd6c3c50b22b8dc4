// How the threshold explorer's charts look: their frames, axes in percent, the diagonal, a line in
// its band.
export const CALM = { quiet: true, least: 170, left: 43, right: 18, top: 22, bottom: 40,
  height: (width) => Math.round(Math.min(230, Math.max(172, width * 0.62))) };
export const WIDE = { quiet: true, least: 250, right: 18, top: 22, bottom: 58, ticks: 50,
  height: (width) => (width < 500 ? 270 : 312) };
const SHARES = [0, 0.5, 1];

// 0, 50, 100 %: the last one says what all are.
const share = (last) => (value) =>
  `${Number((100 * value).toFixed(1))}${value === last ? ' %' : ''}`;
export const UNIT = { range: [0, 1], at: SHARES, write: share(1) };

// The values at the thresholds within a range.
export function within(thresholds, [low, high]) {
  const inside = thresholds.map((_, i) => i)
    .filter((i) => thresholds[i] >= low - 1e-9 && thresholds[i] <= high + 1e-9);
  return (values) => inside.map((i) => values[i]);
}

export function thresholdAxis([low, high], parts = 2) {
  const at = Array.from({ length: parts + 1 }, (_, i) => low + ((high - low) * i) / parts);
  return { range: [low, high], name: 'threshold', at, write: share(high) };
}

export function diagonal() {
  return { x: [0, 1], y: [0, 1], kind: 'faint' };
}

export function banded(x, pick, { value, low, high }, kind) {
  return {
    line: { x, y: pick(value), kind },
    band: { x, low: pick(low), high: pick(high), kind },
  };
}
