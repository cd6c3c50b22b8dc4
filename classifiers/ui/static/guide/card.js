// One step: its question and answers, then what was measured.
import { node, partsOf, write } from '../page/dom.js';
import { showExhibit } from './exhibit.js';
import { Words } from '../page/words.js';
import { Spot } from './spot.js';

const CHIPS = ['data', 'model', 'loss', 'train', 'look'];
const VERDICTS = { right: 'So it is', wrong: 'Not so', undecided: 'The numbers can’t tell',
  shown: 'What was measured' };
const WORKING = 'Measuring…';

export class Card {
  // act: commit(option, words), next(), place(place)
  constructor(root, act) {
    this.root = root;
    this.part = partsOf(root);
    this.act = act;
    this.step = null;
    this.part('form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.commit();
    });
    this.part('show').addEventListener('click', () => this.ask(null, 'nothing, just looked'));
    this.part('next').addEventListener('click', () => act.next());
    this.part('place').addEventListener('click', () => act.place(this.step.place));
    this.part('again').addEventListener('click', () => this.show(this.step));
  }

  show(step) {
    this.step = step;
    const { part } = this;
    this.words = new Words(step.tab, Object.keys(step.terms));
    part('chips').replaceChildren(...CHIPS.map((chip) => node('li',
      step.chips.includes(chip) ? { class: 'lit', 'aria-current': 'true' } : {}, chip)));
    write(part('title'), step.title);
    part('ask').replaceChildren(...this.words.mark(step.ask));
    showExhibit(part('exhibit'), step.exhibit);
    this.spot = step.picture ? new Spot(step.picture) : null;
    if (this.spot) part('exhibit').append(this.spot.box, this.spot.names);
    part('shown').replaceChildren();
    part('answers').replaceChildren(...this.answers(step));
    part('reveal').hidden = true;
    part('form').hidden = false;
    this.busy(false);
  }

  answers(step) {
    if (step.scale) return [this.slider(step.scale)];
    if (this.spot) return [this.spot.told];
    const rows = step.rows.length ? step.rows : [''];
    return rows.map((row, i) => node('fieldset', {},
      row ? node('legend', {}, ...this.words.mark(row))
        : node('legend', { class: 'unseen' }, step.title),
      ...step.options.map((text, k) => node('label', {},
        node('input', { type: 'radio', name: `guide-answer-${i}`, value: k, required: '' }),
        node('span', {}, ...this.words.mark(text))))));
  }

  slider({ low, high, step, unit }) {
    const middle = low + step * Math.round((high - low) / 2 / step);
    const shown = node('output', {}, `${middle} ${unit}`);
    const input = node('input', { type: 'range', min: low, max: high, step, value: middle,
      'aria-label': `Your answer, in ${unit}` });
    input.addEventListener('input', () => write(shown, `${input.value} ${unit}`));
    return node('div', { class: 'slide' }, input, shown);
  }

  // What the form says, and in words.
  said() {
    const { step } = this;
    const form = this.part('form');
    if (step.scale) {
      const value = Number(form.querySelector('input').value);
      return [value, `${value} ${step.scale.unit}`];
    }
    if (this.spot) return this.spot.answer();
    const rows = [...form.querySelectorAll('fieldset')];
    const picked = rows.map((row) => Number(row.querySelector('input:checked')?.value ?? NaN));
    if (picked.some(Number.isNaN)) return null;
    const words = picked.map((k, i) =>
      (step.rows.length ? `${step.rows[i]}: ${step.options[k]}` : step.options[k])).join('; ');
    return [step.rows.length ? picked : picked[0], words];
  }

  commit() {
    const said = this.said();
    if (said) this.ask(...said);
  }

  ask(option, words) {
    this.busy(true);
    this.spoken = words;
    this.act.commit(option, words);
  }

  busy(whether) {
    this.root.toggleAttribute('data-busy', whether);
    for (const name of ['commit', 'show']) this.part(name).disabled = whether;
    write(this.part('commit'), whether ? WORKING : 'Commit and run');
  }

  refuse(text) {
    this.busy(false);
    const { part } = this;
    part('told').replaceChildren(node('p', { class: 'problem' }, text));
    for (const name of ['verdict', 'now']) write(part(name), '');
    part('shown').replaceChildren();
    part('code-fold').hidden = true;
    part('reveal').hidden = false;
  }

  reveal(told) {
    this.busy(false);
    const { part } = this;
    const words = told.verdict === 'shown' ? '' : `You said: ${this.spoken}.`;
    this.root.dataset.verdict = told.verdict;
    write(part('verdict'), VERDICTS[told.verdict]);
    const sentences = [words, ...told.because, ...told.told].filter(Boolean);
    part('told').replaceChildren(...sentences.map((text, i) => node('p',
      { class: i === 0 && words ? 'said' : i <= told.because.length && words ? 'because' : '' },
      ...this.words.mark(text))));
    showExhibit(part('shown'), told.exhibit);
    this.spot?.reveal();
    part('now').replaceChildren(node('b', {}, 'Now you. '), told.now);
    part('code-fold').hidden = !told.code;
    write(part('code'), told.code);
    part('place').hidden = !this.step.place;
    part('form').hidden = true;
    part('reveal').hidden = false;
    part('verdict').focus({ preventScroll: true });
  }
}
