// What the threshold explorer's charts hold: options of drawChart, made of what Python sent.
const CALM = { quiet: true, least: 170, left: 43, right: 18, top: 22, bottom: 40,
  height: (width) => Math.round(Math.min(230, Math.max(172, width * 0.62))) };
const WIDE = { quiet: true, least: 250, right: 18, top: 22, bottom: 58, ticks: 50,
  height: (width) => (width < 500 ? 270 : 312) };
const SHARES = [0, 0.5, 1];

// 0, 50, 100 %: the last one says what all are.
const share = (last) => (value) =>
  `${Number((100 * value).toFixed(1))}${value === last ? ' %' : ''}`;
const UNIT = { range: [0, 1], at: SHARES, write: share(1) };

// The values at the thresholds within a range.
function within(thresholds, [low, high]) {
  const inside = thresholds.map((_, i) => i)
    .filter((i) => thresholds[i] >= low - 1e-9 && thresholds[i] <= high + 1e-9);
  return (values) => inside.map((i) => values[i]);
}

function thresholdAxis([low, high], parts = 2) {
  const at = Array.from({ length: parts + 1 }, (_, i) => low + ((high - low) * i) / parts);
  return { range: [low, high], name: 'threshold', at, write: share(high) };
}

function diagonal() {
  return { x: [0, 1], y: [0, 1], kind: 'faint' };
}

function banded(x, pick, { value, low, high }, kind) {
  return {
    line: { x, y: pick(value), kind },
    band: { x, low: pick(low), high: pick(high), kind },
  };
}

// A text near a line: beside what it is at a place along the axis.
function beside({ x, y, kind }, along, off, text, anchor) {
  const i = Math.round(along * (x.length - 1));
  return { x: x[i], y: (y[i] ?? 0.5) + off, kind, text, anchor };
}

function precisionRecallByThreshold(set, thresholds, range) {
  const pick = within(thresholds, range);
  const x = pick(thresholds);
  const precision = banded(x, pick, set.curves.precision, 'well');
  const recall = banded(x, pick, set.curves.sensitivity, 'sick');
  return {
    label: 'Precision and recall against the threshold', frame: CALM,
    x: thresholdAxis(range), y: UNIT,
    bands: [recall.band, precision.band], lines: [recall.line, precision.line],
    labels: [beside(precision.line, 0.08, -0.24, 'precision'),
      beside(recall.line, 0.78, -0.26, 'recall', 'end')],
    markers: ['well', 'sick'],
  };
}

function netBenefit(set, thresholds, range) {
  const pick = within(thresholds, range);
  const x = pick(thresholds);
  const benefit = banded(x, pick, set.net_benefit, 'ink');
  const all = { x, y: pick(set.treat_all), kind: 'faint' };
  const top = Math.max(0.1, ...benefit.band.high);
  const end = all.y.findIndex((value) => value !== null && value < -0.06);
  return {
    label: 'Net benefit against the threshold', frame: CALM, x: thresholdAxis(range),
    y: { range: [-0.12, top], at: [0, 0.2, 0.4].filter((value) => value <= top) },
    bands: [benefit.band],
    lines: [all, { x: range, y: [0, 0], kind: 'faint' }, benefit.line],
    labels: [beside(benefit.line, 0.56, 0.07, 'model'),
      { x: x[Math.max(end, 0)], y: -0.08, kind: 'quiet', text: ' call everybody' },
      { x: range[0], y: -0.08, kind: 'quiet', text: 'call nobody' }],
    markers: ['ink'],
  };
}

function rocCurve({ roc }) {
  return {
    label: 'ROC curve', frame: CALM,
    x: { ...UNIT, name: 'false alarms' }, y: { ...UNIT, name: 'found' },
    lines: [diagonal(), { x: roc.false_positive_rate, y: roc.true_positive_rate, kind: 'ink' }],
    labels: [{ x: 0.6, y: 0.4, kind: 'quiet', text: 'by chance' }],
    markers: ['now'],
  };
}

function precisionRecallCurve({ precision_recall: curve, cases, patients }) {
  const prevalence = cases / patients;
  return {
    label: 'Precision-recall curve', frame: CALM,
    x: { ...UNIT, name: 'found' }, y: { ...UNIT, name: 'right' },
    lines: [{ x: [0, 1], y: [prevalence, prevalence], kind: 'faint' },
      { x: curve.recall, y: curve.precision, kind: 'ink' }],
    labels: [{ x: 0.03, y: prevalence - 0.12, kind: 'quiet', text: 'calling everybody' }],
    markers: ['now'],
  };
}

function calibration({ calibration: { curve, groups } }) {
  return {
    label: 'Observed frequency against predicted probability', frame: CALM,
    x: { ...UNIT, name: 'said' }, y: { ...UNIT, name: 'found' },
    bands: [{ x: curve.predicted, low: curve.low, high: curve.high, kind: 'ink' }],
    lines: [diagonal(), { x: curve.predicted, y: curve.observed, kind: 'ink' }],
    dots: groups.map(({ predicted, observed }) => ({ x: predicted, y: observed.value,
      low: observed.low, high: observed.high })),
  };
}

// set: one of the two sets of patients in the table.
export function tableCharts(set, thresholds, range) {
  return {
    pr_threshold: precisionRecallByThreshold(set, thresholds, range),
    benefit: netBenefit(set, thresholds, range),
    roc: rocCurve(set),
    pr: precisionRecallCurve(set),
    calibration: calibration(set),
  };
}

// set: what thresholds cost for the same patients. The axis ends where calling everybody, or
// nobody, would be far off: a curve that leaves it is no good there.
export function costChart(set, thresholds, range) {
  const pick = within(thresholds, range);
  const cost = banded(pick(thresholds), pick, set, 'ink');
  const least = Math.min(...cost.line.y);
  const far = Math.max(1.8 * set.treat_all, 3 * least);
  const top = 1.05 * Math.min(Math.max(...cost.band.high), far || Infinity);
  // The text of the dotted line stands where the curve is furthest below it.
  const room = cost.band.high.map((value, i) =>
    (Math.abs(i / cost.band.high.length - 0.5) < 0.28 ? set.treat_all - value : -Infinity));
  const clear = cost.line.x[room.indexOf(Math.max(...room))];
  const left = 20 + 7 * Math.round(top).toLocaleString('en').length;
  return {
    label: 'Cost against the threshold', frame: { ...WIDE, left },
    x: { ...thresholdAxis(range, 4), name: '' }, y: { range: [0, top || 1], whole: true },
    bands: [cost.band],
    lines: [{ x: range, y: [set.treat_all, set.treat_all], kind: 'faint' }, cost.line],
    labels: set.treat_all > top ? [] : [{ x: clear, y: set.treat_all + 0.02 * top, kind: 'quiet',
      text: set.all, anchor: 'middle' }],
    markers: ['now'],
  };
}
