// Draws the rows of a sweep as Python sent them; values stand at equal distances.
import { drawChart } from '../charts/chart.js';
import { offerToSave } from '../charts/figure.js';

export function start({ element, props }) {
  const root = element.querySelector('.sweep');
  const show = () => { if (props.value) draw(root, JSON.parse(props.value)); };
  offerToSave(root, 'sweep');
  new ResizeObserver(show).observe(root);
  show();
  return show;
}

function draw(root, sweep) {
  root.classList.toggle('has-data', sweep.labels.length > 0);
  if (!sweep.labels.length || !root.clientWidth) return;
  for (const measure of ['accuracy', 'loss']) {
    drawChart(root.querySelector(`[data-chart="${measure}"]`), sweepChart(sweep, measure));
  }
}

// The training points' curve has no band: three would hide each other.
function sweepChart({ name, count, labels, all_labels: ticks, ...sweep }, measure) {
  const { curves, range, limit } = sweep[measure];
  const at = labels.map((_, i) => i);
  return {
    label: `${measure} against ${name}`,
    x: { range: [-0.3, Math.max(1, count - 1) + 0.3], name, ticks },
    y: { range, name: measure, percent: measure === 'accuracy' },
    bands: curves.filter(({ kind }) => kind !== 'faint')
      .map(({ kind, low, high }) => ({ x: at, low, high, kind })),
    lines: [...(limit ? [{ x: at, y: limit, kind: 'limit' }] : []),
      ...curves.map(({ kind, mean }) => ({ x: at, y: mean, kind }))],
  };
}
