// "[- 1 +] missed patient costs as much as [- 2 +] false alarms." Every number that the two costs
// may be can be typed; one that they cannot be is named, and changes nothing.
import { node } from '../../page/dom.js';

const PARTS = {
  alarm: { name: 'missed patients', one: ' missed patient costs as much as ',
    many: ' missed patients cost as much as ' },
  miss: { name: 'false alarms', one: ' false alarm.', many: ' false alarms.' },
};

export class Sentence {
  // most: the highest number; tell({miss, alarm}) hears of both when one has changed.
  constructor(place, trouble, most, tell) {
    Object.assign(this, { trouble, most, tell, shown: { miss: null, alarm: null } });
    this.words = {};
    this.inputs = {};
    for (const [key, part] of Object.entries(PARTS)) {
      this.words[key] = node('span', {}, part.many);
      place.append(this.stepper(key, part.name), this.words[key]);
    }
  }

  stepper(key, name) {
    const input = node('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off',
      'aria-label': `Number of ${name}` });
    this.inputs[key] = input;
    input.addEventListener('change', () => this.read());
    input.addEventListener('input', () => fit(input));
    input.addEventListener('keydown', (event) => {
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      this.step(key, way);
    });
    const button = (way, sign, word) => {
      const made = node('button', { type: 'button', 'aria-label': `${word} ${name}` }, sign);
      made.addEventListener('click', () => this.step(key, way));
      return made;
    };
    return node('span', { class: 'step', role: 'group', 'aria-label': name },
      button(-1, '−', 'Fewer'), input, button(1, '+', 'More'));
  }

  // To the next whole number, down to 1: less than that is typed.
  step(key, way) {
    const now = Number(this.shown[key]);
    const next = way > 0 ? Math.floor(now) + 1 : Math.max(Math.ceil(now) - 1, Math.min(now, 1));
    this.inputs[key].value = String(Math.min(next, this.most));
    this.read();
  }

  read() {
    const typed = Object.entries(this.inputs).map(([key, { value }]) => [key, value.trim()]);
    const isWrong = ([, text]) => text === '' || !(Number(text) >= 0 && Number(text) <= this.most);
    const wrong = typed.find(isWrong);
    for (const entry of typed) {
      this.inputs[entry[0]].setAttribute('aria-invalid', String(isWrong(entry)));
    }
    const numbers = Object.fromEntries(typed.map(([key, text]) => [key, Number(text)]));
    if (wrong) {
      this.say(`The number of ${PARTS[wrong[0]].name} must be from 0 to `
        + `${this.most.toLocaleString('en')}, got ${wrong[1] ? `"${wrong[1]}"` : 'nothing'}.`);
    } else if (!numbers.miss && !numbers.alarm) {
      this.say('One of the two must be above 0: if no error costs anything, every threshold is '
        + 'as good.');
    } else {
      this.say('');
      if (Object.keys(numbers).some((key) => numbers[key] !== this.shown[key])) this.tell(numbers);
    }
  }

  say(text) {
    this.trouble.textContent = text;
  }

  // Costs that were set; what is wrong in the boxes stays until it is put right.
  show(costs) {
    for (const [key, part] of Object.entries(PARTS)) {
      if (costs[key] === this.shown[key]) continue;
      this.shown[key] = costs[key];
      this.inputs[key].value = String(costs[key]);
      fit(this.inputs[key]);
      this.words[key].textContent = costs[key] === 1 ? part.one : part.many;
    }
  }
}

function fit(input) {
  input.style.width = `${Math.min(9, Math.max(2, input.value.length)) + 1}ch`;
}
