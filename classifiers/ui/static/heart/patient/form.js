// The form: rows that Python wrote, filled from the state and read into it. A value is judged by
// Python; here a text is told from a number, and mmol/l from mg/dl.
import { partsOf } from '../../page/dom.js';
import { edit, followLink, openForm, patient, replace, setUnit, watchPatient } from './state.js';

const TYPING = 600; // milliseconds without a stroke after which a value counts as typed
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/;
const LINK = '#patient?';
const MOST = 60; // characters of a text that is no number

export function start({ element, props }, settings) {
  const root = element.querySelector('.patient-form');
  const rows = [...root.querySelectorAll('[data-field]')].map((row) => new Row(row, settings));
  for (const radio of root.querySelectorAll('[name="choice-unit"]')) {
    radio.addEventListener('change', () => setUnit(radio.value));
  }
  partsOf(root)('clear').addEventListener('click', () =>
    replace(Object.fromEntries(rows.map((row) => [row.field, null]))));
  openForm((text) => { props.value = text; }, JSON.parse(props.value).patient);
  watchPatient((state) => rows.forEach((row) => row.show(state)));
  const follow = () => {
    if (location.hash.startsWith(LINK)) followLink(location.hash.slice(LINK.length));
  };
  addEventListener('hashchange', follow);
  follow();
}

class Row {
  constructor(root, { mmol, sugar }) {
    this.root = root;
    this.part = partsOf(root);
    this.field = root.dataset.field;
    this.input = root.querySelector('[type="text"]');
    this.mmol = this.field === 'chol' ? mmol : 1;
    this.sugar = this.field === 'fbs' ? sugar : null;
    this.last = null;
    if (this.input) this.listenToAmount();
    else {
      root.addEventListener('change', ({ target }) =>
        edit(this.field, target.value === '' ? null : Number(target.value)));
    }
  }

  listenToAmount() {
    const { input, field } = this;
    input.addEventListener('input', () => edit(field, this.read(), TYPING));
    input.addEventListener('change', () => edit(field, this.read()));
    input.addEventListener('keydown', (event) => {
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const value = patient().values[field];
      if (!way || typeof value !== 'number') return;
      event.preventDefault();
      const { step, decimals } = input.dataset;
      edit(field, Number((value + way * step).toFixed(decimals)), TYPING / 2);
    });
    this.root.querySelector('button').addEventListener('click', () => {
      edit(field, patient().values[field] === null ? this.last : null);
    });
  }

  // Cholesterol is rounded to whole mg/dl, as a laboratory writes it.
  read() {
    const text = this.input.value.trim().slice(0, MOST);
    if (text === '') return null;
    if (!NUMBER.test(text)) return text;
    const number = Number(text.replace(',', '.'));
    return this.factor === 1 ? number : Math.round(number * this.factor);
  }

  write(value) {
    if (value === null) return '';
    if (typeof value === 'string' || this.factor === 1) return String(value);
    return (value / this.factor).toFixed(1);
  }

  show({ values, unit, notes, before }) {
    const value = values[this.field] ?? null;
    const note = notes[this.field];
    this.factor = unit === 'mmol/l' ? this.mmol : 1;
    if (this.input) this.showAmount(value, unit, note);
    else this.showChoice(value, unit);
    this.part('note').textContent = note?.text ?? '';
    this.root.dataset.mark = note ? (note.wrong && 'wrong') || 'doubt' : '';
    this.root.classList.toggle('changed', before?.field === this.field);
  }

  // What stands there and means the value is left as it was typed.
  showAmount(value, unit, note) {
    const unknown = value === null;
    if (!unknown) this.last = value;
    if (this.read() !== value) this.input.value = this.write(value);
    this.input.setAttribute('aria-invalid', Boolean(note?.wrong));
    this.root.querySelector('button').setAttribute('aria-pressed', unknown);
    if (this.field === 'chol') this.part('unit').textContent = unit;
  }

  showChoice(value, unit) {
    for (const radio of this.root.querySelectorAll('input')) {
      radio.checked = radio.value === (value === null ? '' : String(value));
    }
    if (!this.sugar) return;
    for (const words of this.root.querySelectorAll('label:not(.unknown) span')) {
      words.textContent = words.textContent.replace(/[\d.]+$/, this.sugar[unit]);
    }
  }
}
