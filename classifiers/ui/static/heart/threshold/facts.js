// The counts at one threshold, as bars and as sentences: every number and every share is Python's.
import { node, write } from '../../page/dom.js';

export function buildFacts(place) {
  const count = (name) => node('b', { 'data-count': name });
  const said = (name) => node('span', { 'data-said': name }, node('b'), ' ', node('span'));
  place.replaceChildren(
    node('h3', {}, 'At ', node('span', { 'data-part': 'threshold' }), ' ',
      node('button', { type: 'button', class: 'back', 'data-part': 'back' })),
    node('p', { class: 'small', 'data-part': 'worth' }),
    node('p', { class: 'small', 'data-part': 'whose' }),
    node('p', {}, node('b', { class: 'sick', 'data-part': 'cases' }), ': ',
      count('true_positive'), ' found, ', count('false_negative'), ' missed'),
    bar('hit', 'missed'),
    node('p', {}, node('b', { class: 'well', 'data-part': 'controls' }), ': ',
      count('false_positive'), ' false alarms, ', count('true_negative'), ' left alone'),
    bar('alarm', 'left'),
    node('p', {}, 'Of ', node('b', {}, '100 with'), ' disease it finds ', said('found'),
      ' and misses ', node('span', { 'data-part': 'missed' }), '.'),
    node('p', {}, 'Of ', node('b', {}, '100 without'), ' it alarms ', said('alarms'),
      ' for nothing.'),
    node('p', { 'data-part': 'called' }, 'Of ', node('b', {}, '100 called'), ', ', said('called'),
      ' have the disease.'),
    node('p', { 'data-part': 'left' }, 'Of ', node('b', {}, '100 not called'), ', ', said('left'),
      ' have it too.'),
    node('p', { class: 'small' }, 'In brackets: 95 % intervals.'),
  );
}

function bar(first, second) {
  return node('div', { class: 'bar', 'aria-hidden': 'true' },
    ...[first, second].map((name) => node('i', { class: name, 'data-bar': name })));
}

// set: the patients; row: what is said of a threshold.
export function showFacts(place, part, set, row, whose) {
  const texts = { threshold: row.label, whose, cases: `${set.cases} with disease`,
    controls: `${set.patients - set.cases} without`, missed: row.missed };
  for (const [name, text] of Object.entries(texts)) write(part(name), text);
  const { counts } = row;
  for (const cell of place.querySelectorAll('[data-count]')) {
    write(cell, String(counts[cell.dataset.count]));
  }
  write(place.querySelector('[data-count="false_positive"]').nextSibling,
    counts.false_positive === 1 ? ' false alarm, ' : ' false alarms, ');
  const grow = { hit: counts.true_positive, missed: counts.false_negative,
    alarm: counts.false_positive, left: counts.true_negative };
  for (const [name, size] of Object.entries(grow)) {
    const piece = place.querySelector(`[data-bar="${name}"]`);
    piece.style.flexGrow = size;
    piece.hidden = !size;
  }
  for (const cell of place.querySelectorAll('[data-said]')) {
    const [value, span] = row.said[cell.dataset.said] ?? ['', ''];
    write(cell.firstChild, value);
    write(cell.lastChild, `(${span})`);
  }
  for (const name of ['called', 'left']) part(name).hidden = !row.said[name];
}
