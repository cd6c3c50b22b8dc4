// The confusion matrix of a moment: rows are the true classes of test points, columns what the
// network says.
import { node } from '../../page/dom.js';
import { LETTERS } from '../pictures/colours.js';
import { number } from '../words.js';

export const dot = (k) =>
  node('i', { class: 'dot', style: `--own:var(--class-${LETTERS[k]})` });

export function matrixOf({ film, moment }) {
  const { confusion } = moment;
  if (!confusion) return null;
  const classes = [...Array(film.classes).keys()];
  const head = (k, scope) => node('th', { scope, title: film.label(k) }, dot(k), film.label(k));
  const rows = confusion.map((counts, k) => {
    const total = counts.reduce((sum, value) => sum + value, 0) || 1;
    return node('tr', {}, head(k, 'row'), ...counts.map((value, said) =>
      cellOf(value, value / total, said === k ? k : null)));
  });
  const several = film.members > 1 ? ', mean' : '';
  return node('table', { class: 'matrix' },
    node('caption', {}, `Test points${several}: true ↓ said →`),
    node('thead', {}, node('tr', {}, node('td'), ...classes.map((k) => head(k, 'col')))),
    node('tbody', {}, ...rows));
}

// `right`: the class where it is the true one.
function cellOf(value, share, right) {
  const cell = node('td', { class: value ? '' : 'none' }, value ? number(value,
    Number.isInteger(value) ? 0 : 1) : '·');
  if (!value) return cell;
  const hit = right !== null;
  const mixed = Math.round(hit ? 14 + 34 * share : 5 + 26 * share);
  cell.style.background = `color-mix(in srgb, var(--${hit ? `class-${LETTERS[right]}` : 'ink'}) `
    + `${mixed}%, var(--${hit ? 'paper' : 'wash'}))`;
  return cell;
}
