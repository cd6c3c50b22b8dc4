// The place under the network that explains: figures, then findings and the matrix, or what the
// network makes of the place that is asked about. It never grows.
import { node } from '../../page/dom.js';
import { termButton } from '../../page/gloss.js';
import { wilson } from '../engine/measure.js';
import { LETTERS } from '../pictures/colours.js';
import { PARTS } from '../pictures/marks.js';
import { lettered, number, percent } from '../words.js';
import { dot, matrixOf } from './matrix.js';

const term = (text, key = text) => termButton('playground', key, text);

export class Slot {
  constructor(root, clear) {
    this.root = root;
    this.clear = clear;
    this.figures = node('div', { class: 'figures-line' });
    this.body = node('div', { class: 'slot-body' });
    root.append(this.figures, this.body);
  }

  // now: {reading, asked, place}
  draw(now) {
    this.drawFigures(now);
    const { asked } = now;
    this.root.classList.toggle('asking', Boolean(asked));
    const { film, moment: { confusion } } = now.reading;
    const lines = asked ? [] : this.lines(now);
    const key = JSON.stringify([lines, confusion, film.start.names, film.members]);
    if (!asked && key === this.drawn) return;
    this.drawn = asked ? '' : key;
    const parts = asked ? this.answer(now) : [findingsBox(lines), matrixOf(now.reading)];
    this.body.className = `slot-body ${asked ? 'answer' : 'found'}`;
    this.body.replaceChildren(...parts.filter(Boolean));
  }

  drawFigures({ reading }) {
    const { film, moment } = reading;
    const row = film.rowAt(moment.epoch);
    const whole = film.result && moment === film.moments.at(-1) ? film.result : null;
    const best = film.start.bayes_accuracy ?? film.result?.bayes_accuracy;
    const tests = moment.confusion ? Math.round(moment.confusion.flat()
      .reduce((sum, value) => sum + value, 0))
      : film.points.filter(({ part }) => part === 1).length;
    const key = [row.test_accuracy, row.train_accuracy, tests, best, whole?.fresh_accuracy].join();
    if (key === this.told) return;
    this.told = key;
    const lead = node('b', {}, percent(row.test_accuracy));
    if (row.test_accuracy !== null && tests) {
      const [low, high] = wilson(row.test_accuracy, tests);
      const range = `${Math.round(100 * low)} to ${Math.round(100 * high)} %`;
      lead.append(term(range, 'range of chance'));
    }
    this.figures.replaceChildren(
      node('div', { class: 'lead' }, node('span', {}, 'Test accuracy'), lead),
      figure(term('Fresh points', 'fresh points'), percent(whole?.fresh_accuracy)),
      figure(term('Best possible', 'best possible'), percent(best)),
      figure('Training', percent(row.train_accuracy)));
  }

  // Python's judgement is of the end of the run.
  lines({ reading }) {
    const { film, moment } = reading;
    const whole = film.result?.findings && moment === film.moments.at(-1);
    return whole
      ? film.result.findings.filter((text) => !text.startsWith('Test acc')).slice(0, 3)
        .map((text) => (named(film) ? text : lettered(text)))
      : findingsOf(reading);
  }

  answer({ reading, asked, place }) {
    const { film } = reading;
    const said = asked.probabilities.indexOf(Math.max(...asked.probabilities));
    const members = asked.said.length;
    const agree = asked.said.filter((label) => label === said).length;
    const back = node('button', { type: 'button', class: 'link' }, 'Clear');
    back.addEventListener('click', () => this.clear());
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
    this.body.classList.toggle('many', film.classes > 4);
    return [verdict, logits, chances];
  }
}

// Whether its classes have names of their own.
const named = ({ start }) => start.names[0] !== 'class 0';

const findingsBox = (lines) =>
  node('div', { class: 'findings' }, ...lines.map((line) => node('p', {}, line)));

function figure(name, value) {
  return node('div', {}, typeof name === 'string' ? node('span', {}, name) : name,
    node('b', {}, value));
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

// What can be said of a moment while Python has not judged the run as a whole.
function findingsOf(reading) {
  const { film, moment } = reading;
  if (reading.broken) {
    return ['The weights have grown beyond what a number can hold: the run has diverged.',
      'Reset it, and take a smaller learning rate.'];
  }
  if (moment.epoch === 0) {
    return ['Nothing is learned yet: the picture shows what the first weights say.',
      'Press Play and watch which units find an edge first.'];
  }
  const row = film.rowAt(moment.epoch);
  const lines = [];
  const gap = row.train_accuracy - row.test_accuracy;
  if (gap > 0.05) {
    lines.push(`Training is ${Math.round(100 * gap)} percentage points above test: it may have `
      + 'begun to learn noise.');
  }
  const dead = reading.dead.map((layer) => layer.filter(Boolean).length);
  dead.forEach((gone, k) => {
    const all = reading.dead[k].length;
    if (gone === all) {
      lines.unshift(`All units of layer ${k + 1} are dead: nothing of the input gets past it, and `
        + 'no gradient passes to bring them back.');
    } else if (gone > all / 3) lines.push(`${gone} of ${all} units of layer ${k + 1} are dead.`);
  });
  const hardest = hardestOf(film, moment.confusion);
  if (hardest) lines.push(hardest);
  return lines.slice(0, 3);
}

function hardestOf(film, confusion) {
  if (!confusion) return null;
  const sum = (counts) => counts.reduce((before, count) => before + count, 0);
  const found = confusion.map((counts, k) => counts[k] / sum(counts));
  const known = found.filter((share) => !Number.isNaN(share));
  const least = Math.min(...known);
  if (least >= 1) return 'No test point is mistaken.';
  const worst = found.flatMap((share, k) => (share === least ? [k] : []));
  if (worst.length > 1) {
    const names = worst.map((k) => film.label(k)).join(' and ');
    return `Hardest are ${names}: ${percent(least, 0)} found of each.`;
  }
  const others = confusion[worst[0]].map((value, k) => (k === worst[0] ? -1 : value));
  const most = Math.max(...others);
  const taken = others.flatMap((value, k) => (value === most ? [film.label(k)] : []));
  return `Hardest is ${film.label(worst[0])}: ${percent(least, 0)} found, most often mistaken for `
    + `${taken.join(' or ')}.`;
}
