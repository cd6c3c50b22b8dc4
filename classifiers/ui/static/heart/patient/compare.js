// Two patients side by side: the one that was kept, A, and the one in the form, B.
import { node } from '../../page/dom.js';
import { count, decide, interval, percent, valueText } from './sentences.js';

export function compareRows({ kept, shown, unit }, threshold) {
  const answers = [kept.answer, shown.answer];
  const rows = [
    ['Of 100, narrowed', ...answers.map((answer) => count(answer).join(' '))],
    ['90 % interval', ...answers.map(interval)],
    [`At ${percent(threshold)}`, ...answers.map((answer) => decide(answer, threshold).words)],
  ];
  for (const [field, name] of Object.entries(shown.answer.labels)) {
    if (kept.values[field] !== shown.values[field]) {
      rows.push([name, ...answers.map((answer) => valueText(answer, field, unit))]);
    }
  }
  return rows;
}

export function compareTable(rows) {
  const line = ([name, one, other]) => node('tr', {}, node('th', { scope: 'row' }, name),
    node('td', {}, one), node('td', {}, other));
  const head = ['', 'A, kept', 'B, in the form'].map((text) =>
    node(text ? 'th' : 'td', text ? { scope: 'col' } : {}, text));
  return node('table', {}, node('thead', {}, node('tr', {}, ...head)),
    node('tbody', {}, ...rows.map(line)));
}
