// The ROC curve and the precision-recall curve of the threshold explorer, and the marker on each,
// which moves with the threshold.
import { CALM, UNIT, diagonal } from './axes.js';

export function rocCurve({ roc }) {
  return {
    label: 'ROC curve', frame: CALM,
    x: { ...UNIT, name: 'false alarms' }, y: { ...UNIT, name: 'found' },
    lines: [diagonal(), { x: roc.false_positive_rate, y: roc.true_positive_rate, kind: 'ink' }],
    labels: [{ x: 0.6, y: 0.4, kind: 'quiet', text: 'by chance' }],
    markers: ['now'],
  };
}

export function precisionRecallCurve({ precision_recall: curve, cases, patients }) {
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

// charts: as drawn; marks: what Python counted at the threshold.
export function moveMarkers(charts, marks) {
  charts.roc.mark(0, marks.alarms, marks.recall);
  charts.pr.mark(0, marks.recall, marks.precision);
}
