// What the threshold explorer's charts hold: options of drawChart, made of what Python sent.
const UNIT = { range: [0, 1], percent: true };

// The values at the thresholds within a range.
function within(thresholds, [low, high]) {
  const inside = thresholds.map((_, i) => i)
    .filter((i) => thresholds[i] >= low - 1e-9 && thresholds[i] <= high + 1e-9);
  return (values) => inside.map((i) => values[i]);
}

function thresholdAxis(range) {
  return { range, name: 'threshold', percent: true };
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

function precisionRecallByThreshold(set, thresholds, range) {
  const pick = within(thresholds, range);
  const precision = banded(pick(thresholds), pick, set.metrics.precision, 'first');
  const recall = banded(pick(thresholds), pick, set.metrics.sensitivity, 'second');
  return {
    label: 'Precision and recall against the threshold',
    x: thresholdAxis(range), y: { ...UNIT, name: 'share' },
    bands: [precision.band, recall.band], lines: [precision.line, recall.line],
    markers: ['first', 'second'],
  };
}

function netBenefit(set, thresholds, range) {
  const pick = within(thresholds, range);
  const benefit = banded(pick(thresholds), pick, set.net_benefit, 'first');
  return {
    label: 'Net benefit against the threshold', x: thresholdAxis(range),
    y: { range: [-0.1, Math.max(0.1, ...benefit.band.high)], name: 'net benefit' },
    bands: [benefit.band],
    lines: [{ x: pick(thresholds), y: pick(set.treat_all), kind: 'faint' },
      { x: range, y: [0, 0], kind: 'faint' }, benefit.line],
    markers: ['first'],
  };
}

function rocCurve({ roc }) {
  return {
    label: 'ROC curve', x: { ...UNIT, name: 'false alarms' }, y: { ...UNIT, name: 'recall' },
    lines: [diagonal(),
      { x: roc.false_positive_rate, y: roc.true_positive_rate, kind: 'first' }],
    markers: ['first'],
  };
}

function precisionRecallCurve({ precision_recall: curve, cases, patients }) {
  const prevalence = cases / patients;
  return {
    label: 'Precision-recall curve', x: { ...UNIT, name: 'recall' },
    y: { ...UNIT, name: 'precision' },
    lines: [{ x: [0, 1], y: [prevalence, prevalence], kind: 'faint' },
      { x: curve.recall, y: curve.precision, kind: 'first' }],
    markers: ['first'],
  };
}

function calibration({ calibration: { curve, groups } }) {
  return {
    label: 'Observed frequency against predicted probability',
    x: { ...UNIT, name: 'predicted' }, y: { ...UNIT, name: 'observed' },
    bands: [{ x: curve.predicted, low: curve.low, high: curve.high, kind: 'first' }],
    lines: [diagonal(), { x: curve.predicted, y: curve.observed, kind: 'first' }],
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

// set: what thresholds cost for the same patients.
export function costChart(set, thresholds, range) {
  const pick = within(thresholds, range);
  const cost = banded(pick(thresholds), pick, set, 'first');
  return {
    label: 'Cost a patient against the threshold', x: thresholdAxis(range),
    y: { range: [0, Math.max(...cost.band.high) * 1.05], name: 'cost' },
    bands: [cost.band],
    lines: [cost.line, { x: range, y: [set.treat_all, set.treat_all], kind: 'faint' }],
    markers: ['first'],
  };
}
