// What an exercise's networks answer, side by side in one frame, at the epoch that is chosen.
import { node } from '../../page/dom.js';
import { readColours } from '../pictures/colours.js';
import { Picture } from '../pictures/picture.js';
import { Film } from '../run/film.js';
import { matrixOf } from '../results/matrix.js';
import { Reading } from '../run/reading.js';
import { count, number, percent } from '../words.js';

export class Pictures {
  // changed(): something is to be drawn.
  constructor(root, place, changed) {
    Object.assign(this, { root, place, changed });
    this.shots = [];
    this.chosen = 0;
    this.at = Infinity; // the epoch shown; by default the newest
    this.slider = root.querySelector('[data-part=exercise-epoch]');
    this.slider.addEventListener('input', () => {
      this.at = this.slider.value === this.slider.max ? Infinity : Number(this.slider.value);
      this.changed();
    });
    new ResizeObserver(() => this.changed()).observe(place);
    new MutationObserver(() => {
      this.colours = null;
      this.changed();
    }).observe(document.body, { attributeFilter: ['class'] });
  }

  begin({ runs, view }) {
    this.view = view;
    this.at = Infinity;
    this.chosen = runs.length - 1;
    this.shots = runs.map(({ name }, i) => {
      const box = node('span', { class: 'shot-picture' });
      const figure = node('span', { class: 'shot-told' });
      const root = node('button', { type: 'button', class: 'shot' }, box,
        node('span', { class: 'shot-name' }, name), figure);
      root.addEventListener('click', () => {
        this.chosen = i;
        this.changed();
      });
      return { root, figure, name, picture: new Picture(box), film: null };
    });
    this.matrix = node('div', { class: 'shot-matrix' });
    this.place.dataset.count = runs.length;
    this.place.replaceChildren(...this.shots.map(({ root }) => root),
      ...(runs.length === 1 ? [this.matrix] : []));
  }

  async take({ stages }) {
    const { shots } = this; // another exercise may begin meanwhile
    for (const [i, news] of stages.entries()) {
      if (!news) continue;
      const shot = shots[i];
      if (!news.start) await shot.film?.take(news);
      else {
        const film = await Film.begin(news.start);
        await film.take(news);
        shot.film = film; // of the whole: read before the old one goes
      }
    }
  }

  progress() {
    const begun = this.shots.filter(({ film }) => film).length;
    const film = this.shots[begun - 1]?.film;
    if (!film) return 'Waiting for its turn…';
    return `Training ${begun} of ${this.shots.length}: epoch ${count(film.reached)} of `
      + `${count(film.start.epochs)}`;
  }

  draw() {
    const last = Math.max(0, ...this.shots.map(({ film }) => film?.reached ?? 0));
    this.slider.max = last;
    if (this.at === Infinity) this.slider.value = last;
    const epoch = Math.min(this.at, last);
    const text = `epoch ${count(epoch)}`;
    this.slider.setAttribute('aria-valuetext', text);
    this.root.querySelector('[data-part=exercise-at]').textContent = text;
    this.slider.parentElement.classList.toggle('waiting', last === 0);
    if (!this.place.clientWidth) return;
    this.colours ??= readColours(this.root);
    this.shots.forEach((shot, i) => this.drawShot(shot, i));
  }

  drawShot(shot, i) {
    const { film, picture, root, figure, name } = shot;
    root.setAttribute('aria-pressed', i === this.chosen);
    if (!film?.moments.length) return;
    const moment = film.moments[film.indexAt(this.at)];
    if (shot.reading?.moment !== moment) shot.reading = new Reading(film, moment);
    picture.draw(shot.reading, { view: this.view, training: true, test: true, best: true,
      small: picture.box.clientWidth < 300 }, this.colours);
    const [mean, low, high] = accuracies(film, moment.epoch);
    figure.replaceChildren(`test ${percent(mean)}, ${percent(low, 0)} to ${percent(high, 0)}`);
    root.setAttribute('aria-label', `${name}: test accuracy ${percent(mean)}, its networks `
      + `${percent(low, 0)} to ${percent(high, 0)}, at epoch ${count(moment.epoch)}; x1 `
      + `${range(film.start.extent)}, x2 ${range(film.start.extent.slice(2))}`);
    Object.assign(root.dataset, { extent: film.start.extent.join(' '), epoch: moment.epoch });
    if (this.shots.length === 1) this.matrix.replaceChildren(matrixOf(shot.reading) ?? '');
  }
}

// On test points: the mean of the networks, the lowest and the highest.
function accuracies({ rows }, epoch) {
  const i = Math.max(0, rows.epoch.findLastIndex((at) => at <= epoch));
  const { mean, low = mean, high = mean } = rows.test_accuracy;
  return [mean, low, high].map((values) => values[i] ?? null);
}

const range = ([low, high]) => `${number(low, 1)} to ${number(high, 1)}`;
