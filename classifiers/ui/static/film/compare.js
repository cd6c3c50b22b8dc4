// A player for two runs kept in the page, with the settings that differ.
import { node, partsOf } from '../page/dom.js';
import { Player } from './player.js';
import { forgetRuns, onKept } from './shelf.js';

const SIDES = ['first', 'second'];
const TWICE = 'The same run on both sides: choose another to compare.';

export function start({ element }, settings) {
  const player = new Player(element, settings);
  const part = partsOf(player.root);
  const chosen = [0, 1];
  let shelf = [];
  const compare = () => {
    compareRuns(player, [...new Set(chosen)].map((i) => shelf[i]));
    if (shelf.length > 1 && chosen[0] === chosen[1]) part('differences').textContent = TWICE;
  };
  SIDES.forEach((name, side) => part(name).addEventListener('change', (event) => {
    chosen[side] = Number(event.target.value);
    compare();
  }));
  part('forget').addEventListener('click', forgetRuns);
  onKept((runs) => {
    shelf = runs;
    part('forget').hidden = !runs.length;
    part('compare-empty').hidden = shelf.length > 0;
    part('compare-pickers').hidden = shelf.length < 2;
    if (!shelf.length) {
      compareRuns(player, []);
      return;
    }
    chosen[0] = Math.max(0, shelf.length - 2);
    chosen[1] = shelf.length - 1;
    SIDES.forEach((name, side) => {
      part(name).replaceChildren(...shelf.map((run, i) =>
        node('option', { value: i }, `${i + 1}. ${run.start.title}`)));
      part(name).value = chosen[side];
    });
    compare();
  });
}

function compareRuns(player, runs) {
  const part = partsOf(player.root);
  player.lend(runs);
  const settings = tellRows(runs, (run) => run.start.settings, (differ) => differ);
  const results = tellRows(runs, (run) => run.result && run.result.rows, () => true);
  for (const row of settings) row.className = 'differs';
  part('differences').textContent = !runs.length ? ''
    : runs.length < 2 ? 'Keep a second run to compare.'
    : settings.length ? 'Settings that differ are marked; all others are the same.'
      : 'All settings are the same.';
  part('table').replaceChildren(...settings, ...results);
}

// A row a name that `of` gives for any run, where it is `wanted`.
function tellRows(runs, of, wanted) {
  const tables = runs.map((run) => of(run) || {});
  const names = [...new Set(tables.flatMap(Object.keys))];
  const rows = [];
  for (const name of names) {
    const values = tables.map((table) => table[name]);
    if (!wanted(new Set(values).size > 1)) continue;
    rows.push(node('tr', {}, node('th', { scope: 'row' }, name),
      ...values.map((value) => node('td', {}, value ?? 'none'))));
  }
  return rows;
}
