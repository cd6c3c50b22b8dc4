// What came of a table of patients, and the threshold at which it was decided. Another threshold
// is one press away: the file lies on the server still.
import { wholePercent } from '../../charts/scale.js';
import { begin, decision, watch } from '../decision.js';
import { node, partsOf } from '../../page/dom.js';
import { columnsPanel } from './columns.js';

let panel = null;

// The page's threshold, for a file that is now on its way to be predicted (null: there is none).
export function ask(file) {
  const threshold = decision()?.threshold ?? null;
  panel?.wait(file, threshold);
  return threshold;
}

// What the reader of the page said of the file's columns, as JSON; nothing of a new file.
export function options() {
  return panel?.said ? JSON.stringify(panel.said) : '';
}

export function start({ element, props, trigger }) {
  panel = new Batch(element.querySelector('.batch'), trigger);
  let last = '';
  const show = () => {
    if (props.start) begin(JSON.parse(props.start));
    if (props.value && props.value !== last) panel.show(JSON.parse(props.value));
    last = props.value;
  };
  show();
  watch((state) => panel.follow(state));
  return show;
}

class Batch {
  constructor(root, trigger) {
    this.root = root;
    this.part = partsOf(root);
    this.told = this.part('told');
    this.answer = null;
    this.said = null;
    this.file = null;
    this.decide = () => trigger('decide', {});
    this.part('again').addEventListener('click', this.decide);
  }

  wait(file) {
    this.answer = null;
    const path = file?.path ?? null;
    if (path !== this.file) this.said = null;
    this.file = path;
    this.root.dataset.state = file ? 'waiting' : 'empty';
    const name = file?.orig_name ?? 'the file';
    this.told.replaceChildren(...(file ? [node('p', {}, `Reading and predicting ${name}…`),
      node('div', { class: 'progress', 'aria-hidden': 'true' }, node('i'))] : []));
    this.follow(decision());
  }

  show(answer) {
    this.root.dataset.state = answer.state;
    this.answer = answer.state === 'ok' ? answer : null;
    const columns = answer.seen ? [columnsPanel(answer.seen, (said) => {
      this.said = said;
      this.decide();
    })] : [];
    if (answer.state === 'ok') this.told.replaceChildren(...summary(answer), ...columns);
    else if (answer.state === 'ask') {
      this.told.replaceChildren(node('p', { class: 'error' }, answer.message), ...columns);
    } else if (answer.state === 'error') {
      this.told.replaceChildren(node('p', { class: 'error' }, answer.message));
    } else this.told.replaceChildren();
    this.follow(decision());
  }

  follow(state) {
    if (!state) return;
    const { answer } = this;
    const stale = answer !== null && Math.abs(answer.threshold - state.threshold) > 1e-9;
    this.root.classList.toggle('stale', stale);
    this.part('at').textContent = stale
      ? `Decided at ${wholePercent(answer.threshold)}; the threshold of this page is now `
        + `${wholePercent(state.threshold)}.`
      : `${answer ? 'Decided' : 'Files are decided'} at ${wholePercent(state.threshold)}, the `
        + 'threshold of this page.';
    this.part('again').textContent = `Decide anew at ${wholePercent(state.threshold)}`;
    this.part('again').hidden = !stale;
  }
}

function summary(answer) {
  const counts = answer.decisions.map(([name, count]) =>
    node('li', { class: name.replaceAll(' ', '-') }, node('b', {}, count.toLocaleString('en')),
      ` ${name}`));
  const hidden = answer.hidden ? `, without ${answer.hidden} of the file's own columns` : '';
  const rows = answer.preview.map((cells, i) => (answer.marks[i]
    ? [`${cells[0]} ⚠`, ...cells.slice(1, -1), `${cells.at(-1)} (${answer.marks[i]})`] : cells));
  const tables = [part(`${answer.first}${hidden}`, answer.header, rows, answer.own)];
  if (answer.refused.length) {
    tables.push(part('Rows that could not be predicted', ['Row', 'Reason'], answer.refused));
    if (answer.more) tables.at(-1).append(node('p', { class: 'small' }, answer.more));
  }
  return [node('p', { class: 'rows' }, `${answer.rows}:`),
    node('ul', { class: 'decisions' }, ...counts),
    ...answer.findings.map((text) => node('p', { class: 'small' }, text)),
    ...(answer.doubtful ? [node('p', { class: 'small' },
      `⚠ ${answer.doubtful.toLocaleString('en')} rows have values that the model knows little of; they are marked.`)] : []),
    node('div', { class: 'tables' }, ...tables), ...measured(answer.outcomes)];
}

// What the risks were worth for patients whose disease the file says.
function measured(outcomes) {
  if (!outcomes) return [];
  const told = [node('h3', {}, outcomes.title),
    ...(outcomes.warnings ?? []).map((text) => node('p', { class: 'error' }, text)),
    ...outcomes.findings.map((text) => node('p', {}, text))];
  if (outcomes.rows) {
    told.push(part('Figures, with 95 % intervals', outcomes.header, outcomes.rows),
      node('p', {}, outcomes.counts),
      node('ul', { class: 'small' }, ...outcomes.groups.map((text) => node('li', {}, text))));
  }
  return [node('section', { class: 'measured' }, ...told)];
}

// A table in a box of its own that scrolls, so that the page does not. own: how many columns after
// the first are the sender's; a phone shows one of them.
function part(title, header, rows, own = 0) {
  const cell = (tag, attributes) => (text, i) =>
    node(tag, { ...attributes, ...(i > 1 && i <= own ? { class: 'own' } : {}) }, text);
  return node('div', { class: own ? 'preview' : '' }, node('h3', {}, title),
    node('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title },
      node('table', {},
        node('thead', {}, node('tr', {}, ...header.map(cell('th', { scope: 'col' })))),
        node('tbody', {}, ...rows.map((cells) => node('tr', {}, ...cells.map(cell('td', {}))))))));
}
