// The lesson's exercises beside the stage: one press runs one, and says what came out.
import { node, partsOf, write } from '../../page/dom.js';
import { Presses } from '../../page/presses.js';
import { lettered } from '../words.js';
import { Pictures } from './pictures.js';

export function start({ props, trigger, early }, settings) {
  const card = new Card(document.querySelector('.playground'), trigger, settings);
  for (const text of early.splice(0)) card.receive(text);
  return () => card.receive(props.value);
}

class Card {
  constructor(root, trigger, { exercises }) {
    this.root = root;
    this.part = partsOf(root);
    this.trigger = trigger;
    this.exercises = exercises;
    this.chosen = null;
    this.presses = new Presses((about) => trigger('leave', about));
    this.reading = Promise.resolve();
    this.pictures = new Pictures(root, this.part('shots'), () => this.draw());
    this.build();
  }

  build() {
    let tries = 0;
    this.buttons = this.exercises.map((exercise) => {
      const { key, number, title } = exercise;
      const button = node('button', { type: 'button', id: `exercise-${key}` });
      if (number === null) {
        tries += 1;
        button.dataset.short = `try ${tries}`;
        button.append(node('span', {}, title));
      } else button.append(node('b', {}, number), node('span', {}, `. ${title}`));
      button.addEventListener('click', () => this.run(exercise));
      this.part('exercise-list').append(button);
      return button;
    });
    const opener = this.part('exercises-open');
    opener.addEventListener('click', () => this.open(this.part('card').hidden));
    this.part('exercises-close').addEventListener('click', () => {
      this.open(false);
      opener.focus();
    });
    this.part('exercise-stop').addEventListener('click', () => {
      this.state('stopped');
      this.presses.leave();
    });
    this.part('exercise-take').addEventListener('click', () => {
      const { config } = this.chosen.runs[this.pictures.chosen];
      window.dispatchEvent(new CustomEvent('playground-config', { detail: { config } }));
    });
  }

  open(whether) {
    this.root.toggleAttribute('data-lesson', whether);
    this.part('exercises-open').setAttribute('aria-expanded', whether);
    this.part('card').hidden = !whether;
  }

  run(exercise) {
    this.chosen = exercise;
    this.number = null;
    this.findings = [];
    this.exercises.forEach(({ key }, i) =>
      this.buttons[i].setAttribute('aria-pressed', key === exercise.key));
    this.part('exercise-list').classList.add('line');
    this.pictures.begin(exercise);
    this.state('running');
    this.trigger('run', { key: exercise.key, ...this.presses.begin() });
    this.part('exercise-told').scrollTop = 0;
  }

  state(state) {
    this.part('exercise-film').dataset.state = state;
    this.draw();
  }

  receive(text) {
    if (!text || text === this.last) return;
    this.last = text;
    const message = JSON.parse(text);
    this.reading = this.reading.then(() => this.take(message)).catch(reportError);
  }

  async take(message) {
    const { state } = this.part('exercise-film').dataset;
    if (message.key !== this.chosen?.key || state === 'stopped') return;
    if (message.run !== this.number) {
      if (!message.stages[0]?.start) return; // of one that was left
      this.number = message.run;
    }
    const { chosen, presses: { count } } = this;
    await this.pictures.take(message);
    const left = chosen !== this.chosen || count !== this.presses.count;
    if (left || this.part('exercise-film').dataset.state === 'stopped') return; // meanwhile
    this.findings = message.findings ?? [];
    this.state(message.state ?? 'running');
  }

  draw() {
    const { chosen, part, pictures } = this;
    part('exercise-body').hidden = !chosen;
    if (!chosen) return;
    const { state } = part('exercise-film').dataset;
    write(part('exercise-title'), chosen.title);
    write(part('asked'), chosen.asked);
    write(part('exercise-ran'), chosen.ran);
    part('exercise-stop').hidden = state !== 'running';
    write(part('exercise-state'), { done: 'Trained.', running: pictures.progress(),
      stopped: 'Stopped. Choose it again to run it.' }[state]);
    const told = this.findings.map((text) => node('li', {}, nonBreaking(lettered(text))));
    const list = part('exercise-found');
    if (list.textContent !== told.map((line) => line.textContent).join('')) {
      list.replaceChildren(...told);
    }
    const { name } = chosen.runs[pictures.chosen];
    write(part('exercise-take'), chosen.runs.length > 1 ? `Take the settings of “${name}”`
      : 'Take these settings');
    part('exercise-take').hidden = false;
    pictures.draw();
  }
}

// No number parted from its percent sign.
const nonBreaking = (text) => text.replaceAll(' %', '\u00a0%').replaceAll(' ± ', '\u00a0±\u00a0');
