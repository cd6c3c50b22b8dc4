// How each column of a table was read, and what the reader of the page says instead: which field it
// is, in which unit, what its codes mean. What is said goes with the file when it is read again.
import { node } from '../../page/dom.js';

const CODINGS = [['', "UCI's own codes"], ['kaggle', "Kaggle's copy"],
  ['from-zero', 'counted from 0 (cleveland upload)']];

// seen: what Python says of the table; again: called with the options once they are to be used.
export function columnsPanel(seen, again) {
  const said = structuredClone({ units: {}, codes: {}, columns: {}, ...seen.options });
  const apply = node('button', { type: 'button', class: 'again' }, 'Read again so');
  const changed = () => { apply.hidden = false; };
  apply.hidden = true;
  apply.addEventListener('click', () => again(pruned(said)));
  const asks = seen.questions.length > 0;
  const box = node('details', { class: 'columns', ...(asks ? { open: '' } : {}) },
    node('summary', {}, 'How each column was read'),
    ...seen.notes.map((text) => node('p', { class: 'small' }, text)),
    node('label', { class: 'coding' }, 'Codes are ',
      choice(CODINGS, said.decode ?? '', 'Coding', (value) => {
        if (value) said.decode = value; else delete said.decode;
        changed();
      })),
    node('ul', {}, ...seen.columns.map((column, i) => entry(column, i, seen, said, changed))));
  const { more_columns: more } = seen;
  const columns = more === 1 ? 'column' : 'columns';
  if (more) box.append(node('p', { class: 'small' }, `and ${more} more ${columns}`));
  box.append(apply);
  return box;
}

function entry(column, index, seen, said, changed) {
  const fields = [['', 'not used'], ...seen.fields];
  const name = column.name || String(index + 1); // by its place, where it has no name
  const shown = column.name || '(no name)';
  const parts = [node('b', {}, shown), ' is ',
    choice(fields, column.field ?? '', `Field of ${shown}`, (value) => {
      for (const [field, own] of Object.entries(said.columns)) {
        if (own === name) delete said.columns[field]; // what was chosen before
      }
      if (column.field && column.field !== value) said.columns[column.field] ??= '';
      if (value) said.columns[value] = name;
      changed();
    })];
  if (column.units?.length) {
    const units = ['', ...column.units];
    parts.push(' in ', choice(units.map((unit) => [unit, unit || (column.unit ?? 'yes or no')]),
      said.units[column.field] ?? '', `Unit of ${shown}`, (value) => {
        if (value) said.units[column.field] = value; else delete said.units[column.field];
        changed();
      }));
  }
  const cells = column.cells.map((cell) => cell || '(empty)').join(', ');
  const values = column.values ? ` read as ${column.values.join(', ')}` : '';
  parts.push(node('span', { class: 'small cells' }, ` ${cells}${values}`));
  if (column.codes) parts.push(codes(column, shown, said, changed));
  if (column.unreadable) {
    const bad = column.unreadable.toLocaleString('en');
    const cell = column.unreadable === 1 ? 'cell' : 'cells';
    parts.push(node('span', { class: 'error' }, ` ${bad} ${cell} could not be read`));
  }
  const asked = column.field && seen.questions.some((text) => text.startsWith(`${column.field}:`));
  return node('li', asked ? { class: 'asked' } : {}, ...parts);
}

function codes(column, shown, said, changed) {
  const meanings = [['', 'as it is'],
    ...column.meanings.map(({ value, label }) => [String(value), label]), ['?', 'missing']];
  return node('details', { class: 'codes' }, node('summary', {}, 'codes'),
    node('ul', {}, ...column.codes.map(({ written, count, meaning }) => node('li', {},
      `${written || '(empty)'} (${count.toLocaleString('en')}): ${meaning} `,
      choice(meanings, said.codes[column.field]?.[written] ?? '',
        `Meaning of ${written || '(empty)'} in ${shown}`, (value) => {
          const own = said.codes[column.field] ??= {};
          if (value) own[written] = value; else delete own[written];
          changed();
        })))));
}

function choice(pairs, value, label, act) {
  const made = node('select', { 'aria-label': label },
    ...pairs.map(([key, text]) =>
      node('option', { value: key, ...(key === value ? { selected: '' } : {}) }, text)));
  made.addEventListener('change', () => act(made.value));
  return made;
}

function pruned(said) {
  const kept = {};
  for (const [key, value] of Object.entries(said)) {
    if (typeof value === 'string' ? value : Object.keys(value).length) kept[key] = value;
  }
  for (const [field, own] of Object.entries(kept.codes ?? {})) {
    if (!Object.keys(own).length) delete kept.codes[field];
  }
  return kept;
}
