// What the network says of the place that was clicked: its votes, logits and probabilities.
import { node } from '../../page/dom.js';
import { termButton } from '../../page/gloss.js';
import { LETTERS } from '../pictures/colours.js';
import { PARTS } from '../pictures/marks.js';
import { number, percent } from '../words.js';
import { dot } from './matrix.js';

const term = (text, key = text) => termButton('playground', key, text);

// clear(): nothing is asked about any more.
export function answerOf({ reading, asked, place }, clear) {
  const { film } = reading;
  const said = asked.probabilities.indexOf(Math.max(...asked.probabilities));
  const members = asked.said.length;
  const agree = asked.said.filter((label) => label === said).length;
  const back = node('button', { type: 'button', class: 'link' }, 'Clear');
  back.addEventListener('click', () => clear());
  const verdict = node('div', {}, node('h3', {}, members > 1
    ? `${agree} of ${members} networks say` : 'It says'),
  node('div', { class: 'verdict' }, dot(said),
    `${film.label(said)}, ${percent(asked.probabilities[said], 0)}`),
  node('p', {}, truth(film, place, said)),
  node('p', { class: 'quiet-line' }, members > 1 ? 'Units and links show the first network.'
    : 'Units and links show its way.'),
  node('p', { class: 'quiet-line' }, `x₁ ${number(place.x, 2)}, x₂ ${number(place.y, 2)} · `,
    back));
  const one = film.start.weights?.outputs === 'one_logit';
  const most = Math.max(...asked.logits.map(Math.abs), 1e-9);
  const logits = node('div', {}, node('h3', {}, term('logits')), ...asked.logits.map(
    (value, k) => answerRow(film, one ? 1 : k, 50 * (value / most), number(value, 1))));
  if (one) {
    logits.append(node('p', { class: 'quiet-line' }, `One logit: above 0 is ${film.label(1)}.`));
  }
  const chances = node('div', {}, node('h3', {}, '→ probabilities'),
    ...asked.probabilities.map((value, k) =>
      answerRow(film, k, 100 * value, percent(value, 0), true)));
  return [verdict, logits, chances];
}

function truth(film, place, said) {
  if (place.label === undefined) return 'No point here; this is what it would say.';
  const what = `this ${PARTS[place.part]} point is ${film.label(place.label)}.`;
  return place.label === said ? `Right: ${what}` : `Wrong: ${what}`;
}

function answerRow(film, k, length, text, from0 = false) {
  const side = length < 0 ? 'right' : 'left';
  const start = from0 ? 0 : 50;
  return node('div', { class: 'answer-row' }, node('span', {}, dot(k), film.label(k)),
    node('span', { class: from0 ? 'bar' : 'bar centred' }, node('i', {
      style: `${side}:${start}%;width:${Math.abs(length)}%;`
      + `background:var(--class-${LETTERS[k]})` })), node('span', {}, text));
}
