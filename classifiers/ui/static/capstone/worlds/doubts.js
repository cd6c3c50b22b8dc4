// Under the columns: the bars of bias and variance, and the table of this world's numbers.
import { node, write } from '../../page/dom.js';
import { at } from './decode.js';
import { Budget } from './drawing/budget.js';
import { Temperature } from './temperature.js';
import { NAMES, count, percent } from './words.js';

const ROOM = 1.45; // of the budget's axis, over the longest bar

export class Doubts {
  constructor(root, part, choose) {
    this.part = part;
    this.budget = new Budget(part('budget'), choose);
    this.size = part('size');
    this.temperature = new Temperature(part);
    this.size.addEventListener('input', () => this.drawBudget());
  }

  begin(pile) {
    write(this.part('budget-title'), pile.budget_heading ?? 'What makes the errors');
    this.size.value = 0;
    this.temperature.begin();
  }

  draw(pile, view) {
    Object.assign(this, { pile, view });
    this.size.max = view.detail.test_points_luck.n.length - 1;
    const worlds = pile.budget_worlds ?? pile.shipped;
    write(this.part('budget-sub'), pile.budget
      ? `Errors of 100 fresh points over ${count(worlds)} worlds.`
      : 'Errors of 100 fresh points. What is bias and what variance takes ten worlds to tell.');
    this.part('findings').replaceChildren(...[...(pile.findings ?? []),
      ...(pile.variance_findings ?? [])].filter(Boolean).map((told) => node('li', {}, told)));
    this.table(view.detail.table);
    this.drawBudget();
    this.temperature.draw(view.detail);
  }

  drawBudget() {
    const { pile, view: { world, detail } } = this;
    const { n, low, high, ranks, pairs } = detail.test_points_luck;
    const chosen = Number(this.size.value);
    const spans = NAMES.map((_, i) => ({ low: at(low, i, chosen), high: at(high, i, chosen) }));
    const errors = NAMES.map((_, i) => pile.rows.map(({ fresh }) => 1 - fresh[i].at(-1)));
    const test = NAMES.map((_, i) => ({ error: 1 - detail.test_accuracy[i].at(-1),
      luck: detail.luck[i] }));
    const longest = Math.max(...NAMES.map((name) => pile.budget?.[name].total ?? 0),
      ...errors.map((of) => of[world]));
    // Wide enough for what the fewest test points say, so that it stays as they become more.
    const widest = Math.max(...NAMES.map((_, i) => 1 - at(low, i, 0)));
    const most = Math.min(1, Math.ceil(20 * Math.max(ROOM * longest, widest + 0.01)) / 20);
    this.budget.draw({ budget: pile.budget, errors, world, test, spans, most,
      size: pile.test_points });
    const words = `${count(n[chosen])}`;
    this.size.setAttribute('aria-valuetext', `${words} test points`);
    this.size.style.setProperty('--done', `${(100 * chosen) / (n.length - 1)}%`);
    write(this.part('size-value'), words);
    const pair = pairs.findIndex(([a, b]) => a === 'overfit' && b === 'underfit');
    const [below, level] = [0, 1].map((k) => at(ranks, pair, chosen, k));
    write(this.part('size-said'), `Of 100 sets of ${words} test points, 95 would score this `
      + `world’s big network between ${percent(spans[1].low)} and ${percent(spans[1].high)}; `
      + `${hundred(below)} would see it below the small one, ${hundred(level)} level with it.`);
  }

  table({ columns, rows }) {
    const cell = (tag, attributes) => (text) => node(tag, attributes, text);
    this.part('table').replaceChildren(node('table', {},
      node('thead', {}, node('tr', {}, node('td', {}),
        ...columns.map(cell('th', { scope: 'col' })))),
      node('tbody', {}, ...rows.map(([label, ...cells]) => node('tr', {},
        node('th', { scope: 'row' }, label), ...cells.map(cell('td', {})))))));
  }
}

const hundred = (share) =>
  (share > 0 && share < 0.005 ? 'under 1' : String(Math.round(100 * share)));
