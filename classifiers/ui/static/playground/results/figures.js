// The line of figures below the network: test accuracy with its range of chance, fresh points, best
// possible, training.
import { node } from '../../page/dom.js';
import { termButton } from '../../page/gloss.js';
import { wilson } from '../engine/measure.js';
import { percent } from '../words.js';

const term = (text, key = text) => termButton('playground', key, text);

export class Figures {
  constructor() {
    this.root = node('div', { class: 'figures-line' });
  }

  draw(reading) {
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
    this.root.replaceChildren(
      node('div', { class: 'lead' }, node('span', {}, 'Test accuracy'), lead),
      figure(term('Fresh points', 'fresh points'), percent(whole?.fresh_accuracy)),
      figure(term('Best possible', 'best possible'), percent(best)),
      figure('Training', percent(row.train_accuracy)));
  }
}

function figure(name, value) {
  return node('div', {}, typeof name === 'string' ? node('span', {}, name) : name,
    node('b', {}, value));
}
