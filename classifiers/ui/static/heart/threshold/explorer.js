// The threshold explorer: its slider, its two sets of patients, its charts and the numbers at the
// threshold. Python sent every value of every curve and every text; a move of the slider looks up a
// row and moves markers. Costs are weighed by Python when they change.
import { drawChart } from '../../charts/chart.js';
import { offerToSave } from '../../charts/figure.js';
import { backToTheory, begin, change, decision, slide, thresholdFor, watch } from '../decision.js';
import { node, partsOf, write } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { tableCharts } from './charts.js';
import { costChart, drawMarks } from './cost_chart.js';
import { buildFacts, showFacts } from './facts.js';
import { Groups } from './groups.js';
import { moveMarkers } from './roc.js';
import { Sentence } from './sentence.js';

const SETS = ['out_of_fold', 'held_out'];
const WHOSE = {
  out_of_fold: 'each predicted by networks that never saw that patient.',
  held_out: 'held out: the served networks never saw them.',
};

export function start({ element, props, trigger }, { most }) {
  const explorer = new Explorer(element.querySelector('.explorer'), trigger, most);
  const show = () => explorer.show(props.value, props.costs);
  show();
  return show;
}

class Explorer {
  constructor(root, trigger, most) {
    this.root = root;
    this.trigger = trigger;
    this.part = partsOf(root);
    this.slider = this.part('slider');
    this.groups = new Groups(this.part('groups'));
    this.sentence = new Sentence(this.part('sentence'), this.part('trouble'), most,
      (costs) => change({ ...costs, threshold: thresholdFor(costs) }));
    [this.text, this.table, this.costs, this.told, this.asked] = ['', null, null, null, ''];
    [this.set, this.charts] = [SETS[0], {}];
    this.theory = this.part('asked');
    buildFacts(this.part('facts'));
    watchWords(root, 'heart');
    offerToSave(root, 'thresholds');
    this.slider.addEventListener('input', () => slide(Number(this.slider.value)));
    this.part('back').addEventListener('click', () => {
      backToTheory();
      this.slider.focus();
    });
    for (const input of root.querySelectorAll('[name="explorer-range"]')) {
      input.addEventListener('change', () => this.draw());
    }
    new ResizeObserver(() => this.draw()).observe(root);
    watch((state) => this.follow(state));
  }

  show(table, costs) {
    if (table && table !== this.text) {
      this.text = table;
      this.table = JSON.parse(table);
      this.asked = '';
      this.build();
    }
    // Those that the tab opens with do not replace what a visitor has asked for since. They are
    // kept: Python's answer to who asks for them again is no change, and is not told.
    if (costs) this.told = JSON.parse(costs);
    if (costs && !this.weighed()) this.costs = this.told;
    if (this.table && this.costs?.model && this.costs.model !== this.table.model) {
      if (this.renewed !== this.costs.model) this.trigger('renew');
      this.renewed = this.costs.model;
      return; // until the table of these newer weights is here
    }
    if (this.table) begin(this.table.start);
    this.root.toggleAttribute('data-empty', !this.table);
    if (this.table) this.follow(decision());
    else this.sentence.say(this.costs?.error ?? '');
    this.draw();
  }

  // The costs of the page's state, once Python has weighed them for these weights.
  weighed() {
    const { miss, alarm } = decision() ?? {};
    const fit = (known) => known?.costs && known.model === this.table?.model
      && known.costs.miss === miss && known.costs.alarm === alarm;
    if (!fit(this.costs) && fit(this.told)) this.costs = this.told;
    return fit(this.costs) ? this.costs : null;
  }

  follow(state) {
    if (!this.table) return;
    this.sentence.show(state);
    const [before, costs] = [this.root.dataset.state, this.costs];
    this.ask(state);
    if (this.root.dataset.state === before && this.costs === costs) this.move();
    else this.draw();
  }

  ask({ miss, alarm }) {
    if (this.weighed()) {
      this.root.dataset.state = 'ok';
      this.asked = '';
      return;
    }
    const question = `${miss} ${alarm}`;
    const refused = this.costs?.error && this.asked === question;
    this.root.dataset.state = refused ? 'error' : 'waiting';
    if (refused) this.sentence.say(this.costs.error);
    if (this.asked === question) return;
    this.asked = question;
    this.costs = null;
    this.trigger('weigh');
  }

  build() {
    this.groups.build(this.table.groups);
    this.part('measures').replaceChildren(...this.table.measures.map(([key, name]) =>
      node('div', {}, node('dt', {}, name), node('dd', { 'data-metric': key }))));
    this.part('sets').replaceChildren(...SETS.map((name) => {
      const input = node('input', { type: 'radio', name: 'explorer-set', value: name });
      input.checked = name === this.set;
      input.addEventListener('change', () => {
        this.set = name;
        this.draw();
      });
      return node('label', {}, input, ` ${this.table[name].name}`);
    }));
  }

  draw() {
    if (!this.table || !this.root.clientWidth) return;
    const checked = this.root.querySelector('[name="explorer-range"]:checked').value;
    const range = checked.split(',').map(Number);
    const { thresholds } = this.table;
    const options = tableCharts(this.table[this.set], thresholds, range);
    const costs = this.weighed();
    if (costs) options.cost = costChart(costs[this.set], thresholds, range);
    this.charts = {};
    for (const [name, chart] of Object.entries(options)) {
      this.charts[name] = drawChart(this.root.querySelector(`[data-chart="${name}"]`), chart);
    }
    if (costs) this.conclude(costs);
    const titles = Object.entries(this.table[this.set].titles);
    for (const [name, title] of titles) this.part(`${name}-title`).textContent = title;
    [this.slider.min, this.slider.max] = range.map((share) => 100 * share);
    this.move();
  }

  conclude(costs) {
    const { cost } = this.charts;
    this.label = drawMarks(cost, costs);
    this.slider.style.marginLeft = `${cost.left - 8}px`;
    this.slider.style.width = `${cost.right - cost.left + 16}px`;
    this.part('cost-title').textContent = costs.title;
    const [lead, reason] = costs.conclusion.map((text) => text.replaceAll(' %', '\u00a0%'));
    this.part('lead').textContent = lead;
    // The word that is explained stands in the middle of what Python says.
    const [before, ...after] = reason.split('theory');
    this.theory.hidden = !after.length;
    this.part('reason').replaceChildren(before, this.theory, after.join('theory'));
    this.part('back').textContent = costs.labels.back;
    this.part('findings').replaceChildren(...costs.findings.map((text) => node('li', {}, text)));
  }

  // What Python said of the threshold; of the nearest one on the slider while it has not yet.
  row(threshold) {
    const { rows } = this.table[this.set];
    const costs = this.weighed()?.[this.set];
    const exact = costs?.exact.find((row) => Math.abs(row.threshold - threshold) < 1e-9);
    if (exact) return exact;
    const i = Math.round(100 * threshold);
    return { ...rows[i], cost: costs?.value[(i * (costs.value.length - 1)) / 100],
      text: costs?.texts[i] };
  }

  move() {
    const { threshold } = decision();
    const set = this.table[this.set];
    const row = this.row(threshold);
    const moved = this.weighed() && threshold !== thresholdFor(decision());
    this.slider.value = 100 * threshold;
    this.slider.setAttribute('aria-valuetext', row.label);
    showFacts(this.part('facts'), this.part, set, row,
      `${set.patients} patients, ${WHOSE[this.set]}`);
    write(this.part('worth'), moved ? row.worth : '');
    this.part('back').hidden = !moved;
    this.root.querySelectorAll('[data-metric]').forEach((place, i) => {
      write(place, row.measures[i]);
    });
    this.groups.show(threshold);
    this.mark(row);
  }

  mark({ threshold, marks, cost, text }) {
    const { charts } = this;
    for (const name of ['pr_threshold', 'benefit', 'cost']) charts[name]?.cut(threshold);
    if (!charts.roc) return;
    charts.pr_threshold.mark(0, threshold, marks.precision);
    charts.pr_threshold.mark(1, threshold, marks.recall);
    charts.benefit.mark(0, threshold, marks.net_benefit);
    moveMarkers(charts, marks);
    if (!charts.cost || cost === undefined) return;
    charts.cost.mark(0, threshold, cost);
    this.label(threshold, cost, text);
  }
}
