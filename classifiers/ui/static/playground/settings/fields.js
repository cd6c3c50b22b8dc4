// One setting each, as Python describes it: a select, a slider, a number, a switch.
import { node } from '../../page/dom.js';
import { termButton } from '../../page/gloss.js';
import { GLOSSARY } from '../../page/glossary.js';
import { count } from '../words.js';

let made = 0;

// field: {path, label, kind, choices, low, high, step, percent, term, none}; change(path, value).
// A slider with `none`, the word for it, has no value (null) at its low end.
export function buildField(field, change) {
  made += 1;
  const id = `setting-${made}`;
  const input = INPUTS[field.kind](field, id, (value) => change(field.path, value));
  const label = field.term in GLOSSARY.playground
    ? termButton('playground', field.term, field.label)
    : node('label', { for: id }, field.label);
  const value = node('b');
  const wrong = node('p', { class: 'wrong-value', id: `${id}-wrong` });
  wrong.hidden = true;
  input.place.id = id;
  input.place.setAttribute('aria-label', field.label);
  const root = node('div', { class: `field ${field.kind}`, 'data-path': field.path }, label, value,
    input.root, wrong);
  return {
    field,
    root,
    show(shown) {
      input.show(shown);
      if (field.kind !== 'slider') return;
      value.textContent = written(field, shown);
      input.place.setAttribute('aria-valuetext', value.textContent);
    },
    complain(text) {
      wrong.textContent = text;
      wrong.hidden = !text;
      if (text) {
        input.place.setAttribute('aria-invalid', 'true');
        input.place.setAttribute('aria-describedby', wrong.id);
      } else for (const name of ['aria-invalid', 'aria-describedby']) {
        input.place.removeAttribute(name);
      }
    },
    disable(off) {
      input.place.disabled = off;
      root.classList.toggle('unused', off);
    },
    stretch: input.stretch,
  };
}

export function written(field, value) {
  if (value === null || value === undefined) return field.none ?? 'none';
  if (field.percent) return `${Number((100 * value).toFixed(1))} %`;
  return typeof value === 'number' ? count(value) : String(value);
}

const INPUTS = {
  // choices: [[value, text]]; a value that is none of them, as from a link, is added.
  select({ choices }, _, change) {
    const select = node('select');
    let known = [];
    const fill = (all) => {
      known = all;
      select.replaceChildren(...all.map(([value, text]) =>
        node('option', { value: JSON.stringify(value) }, text)));
    };
    fill(choices);
    select.addEventListener('change', () => change(JSON.parse(select.value)));
    return { place: select, root: node('span', { class: 'pick' }, select),
      stretch: fill,
      show(value) {
        const text = JSON.stringify(value);
        if (!known.some(([one]) => JSON.stringify(one) === text)) {
          select.append(node('option', { value: text },
            typeof value === 'number' ? count(value) : String(value)));
        }
        select.value = text;
      } };
  },

  slider({ low, high, step, none }, _, change) {
    const range = node('input', { type: 'range', min: low, max: high, step });
    range.addEventListener('input', () =>
      change(none && range.value === range.min ? null : Number(range.value)));
    const show = (given) => {
      const value = given ?? Number(range.min);
      if (value > Number(range.max)) range.max = value;
      range.value = value;
      const share = (value - range.min) / (range.max - range.min || 1);
      range.style.setProperty('--filled', `${100 * share}%`);
    };
    return { place: range, root: range, show,
      stretch({ low: least, high: most, step: by }) {
        Object.assign(range, { min: least, step: by, max: most });
      } };
  },

  number({ low, high, step }, _, change) {
    const input = node('input', { type: 'number', step: step ?? 'any', inputmode: 'decimal' });
    if (low !== null && low !== undefined) input.min = low;
    if (high !== null && high !== undefined) input.max = high;
    input.addEventListener('change', () => {
      const text = input.value.trim();
      change(text === '' || Number.isNaN(Number(text)) ? null : Number(text));
    });
    return { place: input, root: input,
      show(value) {
        if (document.activeElement !== input || Number(input.value) !== value) {
          input.value = value ?? '';
        }
      } };
  },
};
