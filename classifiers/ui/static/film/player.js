// Plays the films of runs that were kept in the page, side by side: some stages, one scrubber.
import { partsOf } from '../page/dom.js';
import { sharedScale } from './curves.js';
import { saveFigure } from './figure.js';
import { Stage } from './stage.js';

const TICK = 50; // milliseconds a moment: a film of sixty takes three seconds

export class Player {
  constructor(element, settings) {
    this.root = element.querySelector('.film');
    this.part = partsOf(this.root);
    this.settings = settings;
    for (const [name, colour] of Object.entries(settings.curves)) {
      this.root.style.setProperty(`--${name}`, colour);
    }
    this.stages = [];
    this.moments = [];
    this.at = 0;
    this.playing = false;
    this.show = { view: 'labels', train: true, test: true, bayes: false };
    this.wire();
  }

  wire() {
    this.part('play').addEventListener('click', () => this.toggle());
    this.part('back').addEventListener('click', () => this.seek(this.at - 1));
    this.part('next').addEventListener('click', () => this.seek(this.at + 1));
    const scrubber = this.part('scrubber');
    scrubber.addEventListener('input', () => this.seek(Number(scrubber.value)));
    for (const name of ['train', 'test', 'bayes']) {
      this.part(name).addEventListener('change', (event) => {
        this.show[name] = event.target.checked;
        this.draw();
      });
    }
    const views = this.part('views').querySelectorAll('input');
    const group = `view-${Math.random().toString(36).slice(2)}`;
    for (const input of views) {
      input.name = group;
      input.addEventListener('change', () => this.look(input.value));
    }
    this.part('png').addEventListener('click', () => saveFigure(this, 'png'));
    this.part('svg').addEventListener('click', () => saveFigure(this, 'svg'));
    this.root.addEventListener('keydown', (event) => {
      if (!event.target.matches('canvas')) return;
      const moves = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0,
        End: this.moments.length - 1 };
      if (event.key in moves) this.seek(moves[event.key]);
      else if (event.key === ' ') this.toggle();
      else return;
      event.preventDefault();
    });
    new ResizeObserver(() => this.redraw()).observe(this.root);
    const dressed = new MutationObserver(() => this.redraw()); // light or dark
    dressed.observe(document.body, { attributeFilter: ['class'] });
  }

  look(view) {
    this.show.view = view;
    for (const input of this.part('views').querySelectorAll('input')) {
      input.checked = input.value === view;
    }
    this.draw();
  }

  lend(runs) {
    this.stages = runs.map(() => new Stage(this));
    this.part('stages').replaceChildren(...this.stages.map((stage) => stage.root));
    runs.forEach((run, i) => this.stages[i].lend(run));
    this.collect();
    this.part('bayes-box').hidden = !runs.some((run) => run.bayes);
    const single = !runs.some((run) => run.start.members > 1);
    this.part('members-only').hidden = single;
    if (single && this.show.view === 'disagreement') this.look('labels');
    this.root.dataset.count = runs.length;
    this.root.dataset.state = 'done';
    this.at = this.moments.length - 1;
    this.playing = false;
    this.redraw();
  }

  // The moments of all stages on one line.
  collect() {
    const keys = new Set(this.stages.flatMap((stage) => stage.frames.map((frame) => frame.key)));
    this.moments = [...keys].toSorted((a, b) => a - b);
    const scrubber = this.part('scrubber');
    scrubber.max = Math.max(0, this.moments.length - 1);
    this.root.dataset.frames = this.moments.length;
    const single = this.moments.length < 2;
    this.part('transport').hidden = single;
    this.part('tools').hidden = !this.moments.length;
    this.part('saves').hidden = !this.moments.length;
  }

  toggle() {
    this.playing = !this.playing;
    const atEnd = this.at >= this.moments.length - 1;
    if (this.playing && atEnd) this.at = 0;
    this.draw();
    if (this.playing) this.roll();
  }

  seek(at) {
    this.playing = false;
    this.at = Math.min(this.moments.length - 1, Math.max(0, at));
    this.draw();
  }

  roll() {
    if (this.rolling) return;
    this.rolling = true;
    let before = performance.now();
    const step = (now) => {
      const atEnd = this.at >= this.moments.length - 1;
      if (atEnd) this.playing = false;
      if (!this.playing || !this.root.isConnected) {
        this.rolling = false;
        this.draw();
        return;
      }
      if (now - before >= TICK) {
        before = now;
        this.at += 1;
        this.draw();
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  redraw() {
    const ready = this.stages.filter((stage) => stage.start);
    if (!ready.length || !this.root.clientWidth) return;
    const scales = { loss: sharedScale(ready, 'loss'), accuracy: sharedScale(ready, 'accuracy') };
    for (const stage of ready) stage.drawCurves(scales);
    this.draw();
  }

  draw() {
    const began = performance.now();
    const key = this.moments[this.at] ?? 0;
    for (const stage of this.stages) stage.draw(key, this.show);
    this.root.dataset.drawMs = (performance.now() - began).toFixed(1);
    this.part('scrubber').value = this.at;
    this.root.dataset.epoch = Math.floor(key);
    const kept = key % 1 ? ', kept parameters' : '';
    const text = `epoch ${Math.floor(key).toLocaleString('en')}${kept}`;
    this.part('moment').textContent = text;
    this.part('scrubber').setAttribute('aria-valuetext', text);
    this.part('play').textContent = this.playing ? 'Pause' : 'Play';
    this.part('play').setAttribute('aria-label', this.playing ? 'Pause the film' : 'Play the film');
  }
}
