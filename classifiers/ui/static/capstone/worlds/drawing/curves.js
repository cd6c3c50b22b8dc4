// Losses and accuracies along the way, which are the scrubber: the epoch is chosen on them.
import { node, write } from '../../../page/dom.js';
import { explained } from '../../../page/gloss.js';
import { fit, line, svg, text } from './marks.js';
import { count, loss, percent } from '../words.js';

const HEIGHT = 94;
const [LEFT, RIGHT, TOP, BOTTOM] = [36, 4, 4, 16];
const KINDS = {
  loss: { title: 'Loss', low: -5, high: 1.3, bend: (v) => Math.log10(Math.max(v, 1e-5)),
    ticks: [[1, '1'], [0.01, '.01'], [0.0001, '.0001']], write: loss },
  accuracy: { title: 'Accuracy', low: 0.4, high: 1, bend: (v) => v,
    ticks: [[1, '100'], [0.7, '70'], [0.4, '40']], write: (v) => percent(v, 0) },
};
const SERIES = [['fresh', 'fresh'], ['test', 'test'], ['train', 'training']]; // the last on top

// An epoch's place from 0 to 1: as far apart as their logarithms.
const along = (epoch, last) => Math.log1p(epoch) / Math.log1p(last);

export class Curves {
  // choose(frame): the visitor wants that epoch.
  constructor(host, name, choose) {
    this.choose = choose;
    this.heads = {};
    this.plots = {};
    this.slider = node('div', { class: 'plots', role: 'slider', tabindex: '0',
      'aria-label': `Epoch, in the curves of ${name}`, 'aria-valuemin': '0' });
    for (const [kind, { title }] of Object.entries(KINDS)) {
      this.heads[kind] = Object.fromEntries(['train', 'test'].map((part) => [part, node('b')]));
      const { train, test } = this.heads[kind];
      host.append(node('p', { class: 'curve-head' },
        node('strong', {}, kind === 'loss' ? explained('capstone', 'loss', title) : title),
        node('span', { class: 'solid-key' }, node('em', {}, 'train '), train),
        node('span', { class: 'dashed-key' }, node('em', {}, 'test '), test)));
      this.plots[kind] = svg('svg', { class: 'plot', 'data-plot': kind, 'aria-hidden': 'true' });
      this.slider.append(this.plots[kind]);
    }
    host.append(this.slider);
    this.listen();
  }

  listen() {
    const move = ({ clientX }) => {
      const plot = Object.values(this.plots).find((one) => one.getBoundingClientRect().right
        >= clientX) ?? this.plots.accuracy;
      const { left, width } = plot.getBoundingClientRect();
      const wanted = (clientX - left - LEFT) / (width - LEFT - RIGHT);
      const far = this.epochs.map((epoch) => Math.abs(along(epoch, this.epochs.at(-1)) - wanted));
      this.choose(far.indexOf(Math.min(...far)));
    };
    this.slider.addEventListener('pointerdown', (event) => {
      this.slider.setPointerCapture(event.pointerId);
      move(event);
    });
    this.slider.addEventListener('pointermove', (event) => { if (event.buttons) move(event); });
    this.slider.addEventListener('keydown', (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -3,
        PageUp: 3, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      this.choose(Math.max(0, Math.min(this.reached, this.frame + step)));
    });
  }

  // values: {train, test, fresh} a kind, a value an epoch, as far as they go; best: the best
  // possible accuracy; frame: which of the epochs the cursor stands at.
  draw(epochs, values, best, frame) {
    Object.assign(this, { epochs, frame, reached: values.accuracy.test.length - 1 });
    this.slider.setAttribute('aria-valuenow', epochs[frame]);
    this.slider.setAttribute('aria-valuemax', epochs.at(-1));
    this.slider.setAttribute('aria-valuetext', `epoch ${count(epochs[frame])}`);
    for (const kind of Object.keys(KINDS)) this.plot(kind, values[kind], best);
  }

  plot(kind, values, best) {
    const { low, high, bend, ticks, write: say } = KINDS[kind];
    const drawing = this.plots[kind];
    const width = fit(drawing, HEIGHT);
    const x = (i) => LEFT + along(this.epochs[i], this.epochs.at(-1)) * (width - LEFT - RIGHT);
    const y = (value) => {
      const share = (Math.max(low, Math.min(high, bend(value))) - low) / (high - low);
      return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
    };
    const marks = ticks.flatMap(([value, word]) => [
      line(LEFT, y(value), width - RIGHT, y(value), 'rule'),
      text(LEFT - 4, y(value) + 4, word, { 'text-anchor': 'end' })]);
    for (const epoch of [0, 10, 100, 1000].filter((e) => e < 0.8 * this.epochs.at(-1))) {
      const place = LEFT + along(epoch, this.epochs.at(-1)) * (width - LEFT - RIGHT);
      marks.push(text(place, HEIGHT - 2, count(epoch), { 'text-anchor': 'middle' }));
    }
    if (kind === 'accuracy' && best !== null) {
      marks.push(line(LEFT, y(best), width - RIGHT, y(best), 'best', { 'data-mark': 'best' }));
    }
    for (const [part] of SERIES) {
      const path = values[part].map((value, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} `
        + `${y(value).toFixed(2)}`).join('');
      marks.push(svg('path', { d: path, class: `curve ${part}`, 'data-curve': part }));
    }
    const now = x(this.frame);
    marks.push(line(now, 0, now, HEIGHT - BOTTOM + 2, 'cursor', { 'data-mark': 'cursor' }));
    for (const part of ['train', 'test']) {
      const value = values[part][this.frame];
      write(this.heads[kind][part], value === undefined ? '' : say(value));
      if (value === undefined) continue;
      marks.push(svg('circle', { cx: now, cy: y(value), r: 3.6, class: `now ${part}` }));
    }
    drawing.replaceChildren(...marks);
  }
}
