// A trained network's picture that is answered in: a place is pressed, or gone to with the arrows.
import { node, write } from '../page/dom.js';
import { Sheet } from '../playground/data/canvas.js';
import { css, readColours } from '../playground/pictures/colours.js';
import { Picture } from '../playground/pictures/picture.js';
import { Film } from '../playground/run/film.js';
import { Reading } from '../playground/run/reading.js';
import { number } from '../playground/words.js';

const AXES = 'x₁ to the right, x₂ upwards';
const NOWHERE = 'Press a place in the picture, or go there with the arrow keys.';

export class Spot {
  constructor({ view, start, frames }) {
    this.place = null;
    this.answered = false;
    this.view = 'classes'; // until the answer is given
    this.last = view;
    this.box = node('div', { class: 'spot', tabindex: '0', role: 'application',
      'aria-label': `The network’s picture, ${AXES}: press a place, or go there with the arrow `
        + 'keys, Shift for larger steps' });
    this.told = node('p', { class: 'spot-told', role: 'status' }, NOWHERE);
    this.names = node('p', { class: 'spot-names' });
    this.picture = new Picture(this.box);
    this.sheet = new Sheet(this.box, node('div'), null, {
      act: { ask: (place) => this.point(place), forget: () => this.point(null), toggle: () => {} },
      see: () => ({ extent: start.extent, points: [], own: false, view: this.view }) });
    new ResizeObserver(() => this.draw()).observe(this.box);
    const dark = new MutationObserver(() => {
      if (this.box.isConnected) this.draw();
      else dark.disconnect(); // another step is on
    });
    dark.observe(document.body, { attributeFilter: ['class'] });
    this.take(start, frames);
  }

  async take(start, frames) {
    const film = await Film.begin(start);
    await film.take({ frames });
    this.film = film;
    this.reading = new Reading(film, film.moments.at(-1), true);
    this.draw();
  }

  point(place) {
    if (this.answered || !this.film) return;
    this.place = place;
    write(this.told, place ? this.words : NOWHERE);
    this.draw();
  }

  get words() {
    const { said: [k] } = this.reading.at(this.place);
    const { x, y } = this.place;
    return `x₁ ${number(x, 2)}, x₂ ${number(y, 2)}, where it names ${this.film.label(k)}`;
  }

  // What an answer is, and in words.
  answer() {
    if (!this.place) {
      this.box.focus({ preventScroll: true });
      return null;
    }
    return [[this.place.x, this.place.y], this.words];
  }

  reveal() {
    this.answered = true;
    this.view = this.last;
    this.draw();
  }

  draw() {
    const { film, box } = this;
    if (!film || !box.clientWidth) return;
    // The classes' colours are those of the playground.
    const colours = readColours(document.querySelector('.playground'));
    this.picture.draw(this.reading, { view: this.view, training: true, test: true, best: false,
      small: true, probe: this.place }, colours);
    const names = colours.classes.slice(0, film.classes).map((colour, k) =>
      node('span', {}, node('i', { style: `background:${css(colour)}` }), film.label(k)));
    const pale = this.view === 'confidence' ? ['pale where it is unsure'] : [];
    this.names.replaceChildren(...names, ...pale);
    box.dataset.view = this.view;
  }
}
