// The threshold explorer. Python sent every value of every curve; a move of the slider looks up
// one row and moves markers. Nothing is computed here.
import { drawChart } from '../charts/chart.js';
import { offerToSave } from '../charts/figure.js';
import { node, partsOf } from '../page/dom.js';
import { costChart, tableCharts } from './explorer_charts.js';

const METRICS = [['accuracy', 'Accuracy'], ['sensitivity', 'Recall (sensitivity)'],
  ['specificity', 'Specificity'], ['precision', 'Precision'],
  ['negative_predictive_value', 'Negative predictive value'], ['f1', 'F1'],
  ['net_benefit', 'Net benefit', 'number']];

const number = (v, digits = 3) => (v === null || v === undefined ? '–' : v.toFixed(digits));
const share = (v) => (v === null || v === undefined ? '–' : `${(v * 100).toFixed(1)} %`);

export function start({ element, props }) {
  const explorer = new Explorer(element.querySelector('.explorer'));
  const show = () => explorer.show(props.value, props.costs);
  show();
  return show;
}

class Explorer {
  constructor(root) {
    this.root = root;
    this.part = partsOf(root);
    this.slider = this.part('slider');
    this.table = null;
    this.costs = null;
    this.set = 'out_of_fold';
    this.charts = {};
    offerToSave(root, 'thresholds');
    this.slider.addEventListener('input', () => this.move());
    for (const input of root.querySelectorAll('[name="explorer-range"]')) {
      input.addEventListener('change', () => this.draw());
    }
    new ResizeObserver(() => this.draw()).observe(root);
  }

  show(table, costs) {
    if (table) {
      const first = this.table === null;
      this.table = JSON.parse(table);
      this.build();
      if (first) this.slider.value = this.table.own;
    }
    if (costs) this.costs = JSON.parse(costs);
    this.draw();
  }

  build() {
    this.part('metrics').replaceChildren(...METRICS.map(([key, name, kind]) => node('div', {},
      node('dt', {}, name),
      node('dd', { 'data-metric': key, 'data-kind': kind || 'share' }, node('b'), node('span')))));
    this.part('sets').replaceChildren(...['out_of_fold', 'held_out'].map((name) => {
      const input = node('input', { type: 'radio', name: 'explorer-set', value: name });
      input.checked = name === this.set;
      input.addEventListener('change', () => {
        this.set = name;
        this.draw();
      });
      return node('label', {}, input, ` ${this.table.names[name]}`);
    }));
  }

  draw() {
    if (!this.table || !this.root.clientWidth) return;
    const checked = this.root.querySelector('[name="explorer-range"]:checked').value;
    const range = checked.split(',').map(Number);
    const { thresholds } = this.table;
    const options = tableCharts(this.table[this.set], thresholds, range);
    if (this.costs) options.cost = costChart(this.costs[this.set], thresholds, range);
    this.charts = {};
    for (const [name, chart] of Object.entries(options)) {
      this.charts[name] = drawChart(this.root.querySelector(`[data-chart="${name}"]`), chart);
    }
    this.name();
    this.move();
  }

  // The titles hold the figures of the set that is drawn.
  name() {
    const { fixed } = this.table[this.set];
    const write = (name, digits = 2) => {
      const { value, low, high } = fixed[name];
      return `${number(value, digits)} [${number(low, digits)}, ${number(high, digits)}]`;
    };
    const titles = {
      roc: `ROC curve, area ${write('auc', 3)}`,
      pr: `Precision and recall, average precision ${write('average_precision', 3)}`,
      calibration: `Calibration: intercept ${write('calibration_intercept')}, `
        + `slope ${write('calibration_slope')}`,
    };
    if (this.costs) titles.cost = this.costs.title;
    for (const [name, title] of Object.entries(titles)) {
      this.part(`${name}-title`).textContent = title;
    }
  }

  move() {
    if (!this.table) return;
    const i = Number(this.slider.value);
    const set = this.table[this.set];
    const threshold = this.table.thresholds[i];
    this.part('threshold').textContent = share(threshold);
    this.slider.setAttribute('aria-valuetext', share(threshold));
    for (const cell of this.root.querySelectorAll('[data-count]')) {
      cell.textContent = set.counts[cell.dataset.count][i];
    }
    for (const place of this.root.querySelectorAll('[data-metric]')) {
      const { value, low, high } = set.metrics[place.dataset.metric] || set[place.dataset.metric];
      const write = place.dataset.kind === 'number' ? number : share;
      place.querySelector('b').textContent = write(value[i]);
      place.querySelector('span').textContent = ` [${write(low[i])}, ${write(high[i])}]`;
    }
    this.mark(i, threshold, set);
  }

  mark(i, threshold, set) {
    const { charts } = this;
    for (const name of ['pr_threshold', 'benefit', 'cost']) charts[name]?.cut(threshold);
    if (!charts.roc) return;
    const [precision, recall] = [set.metrics.precision.value[i], set.metrics.sensitivity.value[i]];
    charts.pr_threshold.mark(0, threshold, precision);
    charts.pr_threshold.mark(1, threshold, recall);
    charts.benefit.mark(0, threshold, set.net_benefit.value[i]);
    charts.cost?.mark(0, threshold, this.costs[this.set].value[i]);
    charts.roc.mark(0, this.table.false_alarms[this.set][i], recall);
    charts.pr.mark(0, recall, precision);
  }
}
