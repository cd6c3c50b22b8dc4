// The visitor's own rule: fields with what Python says is wrong with them, beside the field.
import { node } from '../../page/dom.js';

export class Settings {
  // fields: [key, label, value, step] of each; changed(values): something else stands there.
  constructor(form, fields, changed) {
    this.inputs = new Map();
    this.given = fields;
    for (const [key, label, value, step] of fields) {
      const id = `capstone-${key.replaceAll('.', '-')}`;
      const input = node('input', { id, type: 'number', step, min: 0, inputmode: 'decimal',
        'data-key': key, 'aria-describedby': `${id}-wrong`, value });
      input.addEventListener('change', () => changed(this.values()));
      this.inputs.set(key, input);
      form.append(node('p', {}, node('label', { for: id }, label), input,
        node('span', { id: `${id}-wrong`, class: 'wrong', role: 'alert' })));
    }
    form.append(node('p', { class: 'hint' }, node('button', { type: 'button', class: 'link' },
      'Back to the lesson’s values')));
    form.querySelector('.link').addEventListener('click', () => {
      for (const [key, , value] of this.given) this.inputs.get(key).value = value;
      changed(this.values());
    });
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  // An emptied field means the lesson's value.
  values() {
    return Object.fromEntries([...this.inputs].filter(([, { value }]) => value !== '')
      .map(([key, { value }]) => [key, Number(value)]));
  }

  // As one text, to compare.
  text() {
    return JSON.stringify(this.values());
  }

  // wrong: {field, text} that Python found, or null.
  tell(wrong) {
    for (const [key, input] of this.inputs) {
      const at = wrong?.field === key;
      input.toggleAttribute('aria-invalid', at);
      if (at) input.setAttribute('aria-invalid', 'true');
      const place = input.nextElementSibling;
      const text = at ? wrong.text : '';
      if (place.textContent !== text) place.textContent = text;
    }
  }
}
