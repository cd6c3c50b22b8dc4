// The place below the network: figures, then findings and the confusion matrix, or the answer at
// the place that is asked about. It never grows.
import { node } from '../../page/dom.js';
import { answerOf } from './answer.js';
import { Figures } from './figures.js';
import { findingsOf } from './findings.js';
import { matrixOf } from './matrix.js';

export class Slot {
  constructor(root, clear) {
    this.root = root;
    this.clear = clear;
    this.figures = new Figures();
    this.body = node('div', { class: 'slot-body' });
    root.append(this.figures.root, this.body);
  }

  // now: {reading, asked, place}
  draw(now) {
    this.figures.draw(now.reading);
    const { asked } = now;
    this.root.classList.toggle('asking', Boolean(asked));
    const { film, moment: { confusion } } = now.reading;
    const lines = asked ? [] : findingsOf(now.reading);
    const key = JSON.stringify([lines, confusion, film.start.names, film.members]);
    if (!asked && key === this.drawn) return;
    this.drawn = asked ? '' : key;
    const parts = asked ? answerOf(now, this.clear) : [findingsBox(lines), matrixOf(now.reading)];
    this.body.className = `slot-body ${asked ? 'answer' : 'found'}`;
    this.body.replaceChildren(...parts.filter(Boolean));
  }
}

const findingsBox = (lines) =>
  node('div', { class: 'findings' }, ...lines.map((line) => node('p', {}, line)));
