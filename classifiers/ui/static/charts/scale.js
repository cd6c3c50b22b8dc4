// From values to places, and what is written beside an axis. Nothing here touches the page.

// Round values from `low` to `high`, about `count` of them.
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * (1 - 1e-9));
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    found.push(Number((i * step).toPrecision(12)) || 0); // no -0
  }
  return found;
}

// The powers of ten between two values; the two themselves where there is one power at most.
function powersOfTen(low, high) {
  const found = [];
  for (let p = Math.ceil(Math.log10(low)); p <= Math.log10(high); p += 1) found.push(10 ** p);
  return found.length > 1 ? found : [low, high];
}

// axis: {range: [low, high], log}. Gives the function from a value to a place between `from`,
// where `low` stands, and `to`. A logarithmic axis takes what is below its range for its lowest.
export function scale({ range: [low, high], log }, from, to) {
  const bend = log ? (value) => Math.log10(Math.max(value, low)) : (value) => value;
  const [start, end] = [bend(low), bend(high)];
  return (value) => from + ((bend(value) - start) / (end - start || 1)) * (to - from);
}

export function axisTicks(axis, count) {
  return axis.log ? powersOfTen(...axis.range) : ticks(...axis.range, count);
}

export function short(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(3)));
}

export function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

// axis: {percent} for shares, {whole} for counts.
export function writeTick(axis, value) {
  if (axis.percent) return `${Number((100 * value).toFixed(1))} %`;
  return axis.whole ? value.toLocaleString('en') : short(value);
}

// As `wording.whole_percent`: none or all of it only where it is.
export function wholePercent(share) {
  if (share > 0 && share < 0.01) return 'under 1 %';
  return share < 1 && share > 0.99 ? 'over 99 %' : `${Math.round(100 * share)} %`;
}
