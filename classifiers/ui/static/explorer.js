// The threshold explorer. Python sent every value of every curve; a move of the slider looks up
// one row and moves markers. Nothing is computed here.
const root = element.querySelector('.explorer');
const find = (name) => root.querySelector(`[data-part="${name}"]`);
const slider = find('slider');
let table = null;
let costs = null;
let part = 'out_of_fold';
let charts = {};

const number = (v, digits = 3) => (v === null || v === undefined ? '–' : v.toFixed(digits));
const share = (v) => (v === null || v === undefined ? '–' : `${(v * 100).toFixed(1)} %`);

function range() {
  return root.querySelector('[name="explorer-range"]:checked').value.split(',').map(Number);
}

function drawAll() {
  if (!table || !root.clientWidth) return;
  const set = table[part];
  const t = table.thresholds;
  const [low, high] = range();
  const inside = t.map((v, i) => i).filter((i) => t[i] >= low - 1e-9 && t[i] <= high + 1e-9);
  const pick = (values) => inside.map((i) => values[i]);
  const x = { range: [low, high], name: 'threshold', percent: true };
  const unit = { range: [0, 1], percent: true };
  const banded = (m, kind) => ({
    line: { x: pick(t), y: pick(m.value), kind },
    band: { x: pick(t), low: pick(m.low), high: pick(m.high), kind },
  });
  const holder = (name) => root.querySelector(`[data-chart="${name}"]`);
  const precision = banded(set.metrics.precision, 'first');
  const recall = banded(set.metrics.sensitivity, 'second');
  charts = {};
  charts.pr_threshold = drawChart(holder('pr_threshold'), {
    label: 'Precision and recall against the threshold', x, y: { ...unit, name: 'share' },
    bands: [precision.band, recall.band], lines: [precision.line, recall.line],
    markers: ['first', 'second'],
  });
  const benefit = banded(set.net_benefit, 'first');
  const most = Math.max(...pick(set.net_benefit.high));
  charts.benefit = drawChart(holder('benefit'), {
    label: 'Net benefit against the threshold', x,
    y: { range: [-0.1, Math.max(0.1, most)], name: 'net benefit' }, bands: [benefit.band],
    lines: [{ x: pick(t), y: pick(set.treat_all), kind: 'faint' },
      { x: [low, high], y: [0, 0], kind: 'faint' }, benefit.line], markers: ['first'],
  });
  const roc = set.roc;
  charts.roc = drawChart(holder('roc'), {
    label: 'ROC curve', x: { ...unit, name: 'false alarms' }, y: { ...unit, name: 'recall' },
    lines: [{ x: [0, 1], y: [0, 1], kind: 'faint' },
      { x: roc.false_positive_rate, y: roc.true_positive_rate, kind: 'first' }], markers: ['first'],
  });
  const pr = set.precision_recall;
  charts.pr = drawChart(holder('pr'), {
    label: 'Precision-recall curve', x: { ...unit, name: 'recall' }, y: { ...unit, name: 'precision' },
    lines: [{ x: [0, 1], y: [set.cases / set.patients, set.cases / set.patients], kind: 'faint' },
      { x: pr.recall, y: pr.precision, kind: 'first' }], markers: ['first'],
  });
  const curve = set.calibration.curve;
  charts.calibration = drawChart(holder('calibration'), {
    label: 'Observed frequency against predicted probability',
    x: { ...unit, name: 'predicted' }, y: { ...unit, name: 'observed' },
    bands: [{ x: curve.predicted, low: curve.low, high: curve.high, kind: 'first' }],
    lines: [{ x: [0, 1], y: [0, 1], kind: 'faint' },
      { x: curve.predicted, y: curve.observed, kind: 'first' }],
    dots: set.calibration.groups.map((g) => ({ x: g.predicted, y: g.observed.value,
      low: g.observed.low, high: g.observed.high })),
  });
  const fixed = (name, digits = 2) => {
    const e = set.fixed[name];
    return `${number(e.value, digits)} [${number(e.low, digits)}, ${number(e.high, digits)}]`;
  };
  find('roc-title').textContent = `ROC curve, area ${fixed('auc', 3)}`;
  find('pr-title').textContent = `Precision and recall, average precision ${fixed('average_precision', 3)}`;
  find('calibration-title').textContent =
    `Calibration: intercept ${fixed('calibration_intercept')}, slope ${fixed('calibration_slope')}`;
  drawCosts();
  move();
}

function drawCosts() {
  if (!costs) return;
  const [low, high] = range();
  const set = costs[part];
  const t = table.thresholds;
  const inside = t.map((v, i) => i).filter((i) => t[i] >= low - 1e-9 && t[i] <= high + 1e-9);
  const pick = (values) => inside.map((i) => values[i]);
  charts.cost = drawChart(root.querySelector('[data-chart="cost"]'), {
    label: 'Cost a patient against the threshold',
    x: { range: [low, high], name: 'threshold', percent: true },
    y: { range: [0, Math.max(...pick(set.high)) * 1.05], name: 'cost' },
    bands: [{ x: pick(t), low: pick(set.low), high: pick(set.high), kind: 'first' }],
    lines: [{ x: pick(t), y: pick(set.value), kind: 'first' },
      { x: [low, high], y: [set.treat_all, set.treat_all], kind: 'faint' }], markers: ['first'],
  });
  find('cost-title').textContent = costs.title;
}

function move() {
  if (!table) return;
  const i = Number(slider.value);
  const set = table[part];
  const threshold = table.thresholds[i];
  const m = set.metrics;
  find('threshold').textContent = share(threshold);
  slider.setAttribute('aria-valuetext', share(threshold));
  for (const cell of root.querySelectorAll('[data-count]')) {
    cell.textContent = set.counts[cell.dataset.count][i];
  }
  for (const value of root.querySelectorAll('[data-metric]')) {
    const e = m[value.dataset.metric] || set[value.dataset.metric];
    const write = value.dataset.kind === 'number' ? number : share;
    value.querySelector('b').textContent = write(e.value[i]);
    value.querySelector('span').textContent = ` [${write(e.low[i])}, ${write(e.high[i])}]`;
  }
  for (const name of ['pr_threshold', 'benefit', 'cost']) if (charts[name]) charts[name].cut(threshold);
  if (!charts.roc) return;
  charts.pr_threshold.mark(0, threshold, m.precision.value[i]);
  charts.pr_threshold.mark(1, threshold, m.sensitivity.value[i]);
  charts.benefit.mark(0, threshold, set.net_benefit.value[i]);
  if (charts.cost) charts.cost.mark(0, threshold, costs[part].value[i]);
  charts.roc.mark(0, table.false_alarms[part][i], m.sensitivity.value[i]);
  charts.pr.mark(0, m.sensitivity.value[i], m.precision.value[i]);
}

const METRICS = [['accuracy', 'Accuracy'], ['sensitivity', 'Recall (sensitivity)'],
  ['specificity', 'Specificity'], ['precision', 'Precision'],
  ['negative_predictive_value', 'Negative predictive value'], ['f1', 'F1'],
  ['net_benefit', 'Net benefit', 'number']];

function build() {
  find('metrics').replaceChildren(...METRICS.map(([key, name, kind]) => {
    const box = document.createElement('div');
    const [term, value] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    value.dataset.metric = key;
    value.dataset.kind = kind || 'share';
    value.append(document.createElement('b'), document.createElement('span'));
    box.append(term, value);
    return box;
  }));
  find('sets').replaceChildren(...['out_of_fold', 'held_out'].map((name) => {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'explorer-set', value: name, checked: name === part });
    input.addEventListener('change', () => { part = name; drawAll(); });
    label.append(input, ` ${table.names[name]}`);
    return label;
  }));
}

function show() {
  if (props.value) {
    const first = table === null;
    table = JSON.parse(props.value);
    build();
    if (first) slider.value = table.own;
  }
  if (props.costs) costs = JSON.parse(props.costs);
  drawAll();
}

offerToSave(root, 'thresholds');
slider.addEventListener('input', move);
for (const input of root.querySelectorAll('[name="explorer-range"]')) {
  input.addEventListener('change', drawAll);
}
new ResizeObserver(drawAll).observe(root);
watch(['value', 'costs'], show);
show();
