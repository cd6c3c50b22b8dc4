// What the threshold explorer's charts hold: precision and recall, net benefit, calibration;
// options of drawChart, made of what Python sent.
import { CALM, UNIT, banded, diagonal, thresholdAxis, within } from './axes.js';
import { precisionRecallCurve, rocCurve } from './roc.js';

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
