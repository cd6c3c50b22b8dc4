// Draws the rows of a sweep as Python sent them; values stand at equal distances.
const root = element.querySelector('.sweep');

function show() {
  if (!props.value) return;
  const sweep = JSON.parse(props.value);
  root.classList.toggle('has-data', sweep.labels.length > 0);
  if (!sweep.labels.length || !root.clientWidth) return;
  const at = sweep.labels.map((_, i) => i);
  const x = { range: [-0.3, Math.max(1, sweep.count - 1) + 0.3], name: sweep.name,
    ticks: sweep.all_labels };
  for (const measure of ['accuracy', 'loss']) {
    const { curves, range, limit } = sweep[measure];
    drawChart(root.querySelector(`[data-chart="${measure}"]`), {
      label: `${measure} against ${sweep.name}`, x,
      y: { range, name: measure, percent: measure === 'accuracy' },
      bands: curves.filter((c) => c.kind !== 'faint').map((c) => ({ x: at, low: c.low, high: c.high, kind: c.kind })),
      lines: [...(limit ? [{ x: at, y: limit, kind: 'limit' }] : []),
        ...curves.map((c) => ({ x: at, y: c.mean, kind: c.kind }))],
    });
  }
}

offerToSave(root, 'sweep');
new ResizeObserver(show).observe(root);
watch('value', show);
show();
