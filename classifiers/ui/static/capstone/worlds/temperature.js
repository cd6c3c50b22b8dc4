// The slider of the temperature: how sure the networks are, and what their loss would be if they
// were as sure as they are right.
import { node, write } from '../../page/dom.js';
import { explained } from '../../page/gloss.js';
import { panel } from './drawing/reliability.js';
import { NAMES } from './words.js';

const NEAR = 0.13; // of the track, where two marks would run into each other

export class Temperature {
  constructor(part) {
    this.part = part;
    this.slider = part('temperature');
    this.slider.addEventListener('input', () => this.drawPanels());
  }

  begin() {
    this.unset = true; // 1, until somebody moves it
  }

  draw(detail) {
    this.detail = detail;
    const { values, best } = detail.temperature;
    this.slider.max = values.length - 1;
    if (this.unset) this.slider.value = values.indexOf(1);
    this.unset = false;
    this.tick(best, values);
    write(this.part('reliability-title'), detail.loss_heading);
    this.drawPanels();
  }

  drawPanels() {
    const { detail } = this;
    const chosen = Number(this.slider.value);
    const { values } = detail.temperature;
    const written = writeTemperature(values[chosen]);
    this.slider.setAttribute('aria-valuetext', `temperature ${written}`);
    this.slider.style.setProperty('--done', `${(100 * chosen) / (values.length - 1)}%`);
    write(this.part('temperature-value'), written);
    this.part('panels').replaceChildren(...NAMES.map((_, i) => panel(detail, i, chosen,
      detail.fresh_accuracy[i].at(-1), {
        said: () => explained('capstone', 'said and found', 'Said → found ↑'),
        priced: 'Price of a test answer' })));
  }

  // Where each network's loss on fresh points is lowest; marks that would touch share a word.
  tick(best, values) {
    const place = (value) => values.indexOf(value) / (values.length - 1);
    const words = { underfit: 'small', overfit: 'big', good: 'right' };
    const ticks = NAMES.map((name, i) => ({ at: place(best[i]),
      text: `${words[name]} ${writeTemperature(best[i])}` })).toSorted((a, b) => a.at - b.at);
    const marks = [];
    for (const tick of ticks) {
      const before = marks.at(-1);
      if (before && tick.at - before.end < NEAR) {
        before.text += ` · ${tick.text}`;
        before.end = tick.at;
      } else marks.push({ ...tick, end: tick.at });
    }
    this.part('best-temperatures').replaceChildren(...ticks.map(({ at: share }) => {
      const mark = node('i', {});
      mark.style.left = `calc(7.5px + (100% - 15px) * ${share})`;
      return mark;
    }), ...marks.map(({ at: from, end, text: words2 }) => {
      const word = node('span', {}, words2);
      word.style.left = `calc(7.5px + (100% - 15px) * ${(from + end) / 2})`;
      return word;
    }));
  }
}

function writeTemperature(value) {
  return value < 1 ? value.toFixed(2) : value.toFixed(value < 10 ? 1 : 0);
}
