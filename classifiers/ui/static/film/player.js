// Plays films: one or several stages, one scrubber. Messages arrive from Python as JSON text while
// training runs; after that nothing is asked of the server.
import { node, partsOf } from '../page/dom.js';
import { sharedScale } from './curves.js';
import { saveFigure } from './figure.js';
import { keepRuns } from './shelf.js';
import { Stage } from './stage.js';

const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
const TICK = 50; // milliseconds a moment: a film of sixty takes three seconds
const REPLAY = 2500; // a training shorter than this went by too fast to be seen live

export class Player {
  constructor(element, trigger, settings) {
    this.root = element.querySelector('.film');
    this.part = partsOf(this.root);
    this.trigger = trigger;
    this.settings = settings;
    for (const [name, colour] of Object.entries(settings.curves)) {
      this.root.style.setProperty(`--${name}`, colour);
    }
    this.stages = [];
    this.run = null;
    this.moments = [];
    this.at = 0;
    this.playing = false;
    this.show = { view: 'labels', train: true, test: true, bayes: false };
    this.pen = 0;
    this.queue = Promise.resolve();
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
    this.part('keep').addEventListener('click', () => this.keep());
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

  receive(text) {
    if (!text) return;
    this.queue = this.queue.then(() => this.apply(JSON.parse(text)))
      .catch((error) => console.error('film:', error));
  }

  async apply(message) {
    if (message.state === 'stopped') {
      if (this.root.dataset.state === 'running') this.end('stopped');
      return;
    }
    // What was on its way when the run was stopped; to go on, or to end, a run says so.
    if (message.run === this.run && !message.state && this.root.dataset.state === 'stopped') return;
    if (message.run !== this.run) {
      // News of a run that has been replaced on the page meanwhile.
      if (!message.stages.some((news) => news && news.start)) return;
      this.open(message);
    }
    for (const [i, news] of message.stages.entries()) {
      if (news) await this.stages[i].take(news);
    }
    const key = this.moments[this.at] ?? 0;
    this.collect();
    this.at = Math.max(0, this.moments.findLastIndex((moment) => moment <= key));
    const brief = performance.now() - this.opened < REPLAY;
    if (message.state === 'done' && this.playing && brief) this.at = 0;
    const started = this.stages.filter((stage) => stage.start);
    const members = Math.max(...started.map((stage) => stage.start.members), 0);
    this.part('members-only').hidden = members < 2;
    this.part('bayes-box').hidden = !started.some((stage) => stage.bayes);
    if (members < 2 && this.show.view === 'disagreement') this.look('labels');
    if (message.view) this.look(message.view);
    this.sketchpad(started[0]);
    if (message.state) this.end(message.state);
    if (message.jump || (calm.matches && this.playing)) this.at = this.moments.length - 1;
    this.redraw();
    if (this.playing) this.roll();
  }

  // Runs kept in the page, side by side.
  lend(runs) {
    this.open({ run: `kept ${Math.random()}`, stages: runs });
    runs.forEach((run, i) => this.stages[i].lend(run));
    this.collect();
    this.part('bayes-box').hidden = !runs.some((run) => run.bayes);
    this.part('members-only').hidden = !runs.some((run) => run.start.members > 1);
    this.end('done');
    this.at = this.moments.length - 1;
    this.playing = false;
    this.redraw();
  }

  open(message) {
    this.run = message.run;
    this.stages = message.stages.map(() => new Stage(this));
    this.part('stages').replaceChildren(...this.stages.map((stage) => stage.root));
    this.part('empty').hidden = true;
    this.root.dataset.count = this.stages.length;
    this.root.dataset.state = 'running';
    this.at = 0;
    this.playing = true;
    this.opened = performance.now();
  }

  end(state) {
    this.root.dataset.state = state;
    this.part('keep').disabled = state !== 'done';
    if (state === 'preview') this.playing = false;
    if (state === 'running') this.playing = true; // a stopped run goes on
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

  // Own points: the pen, its colours, and the exact coordinates that Python sent.
  sketchpad(stage) {
    const own = stage && stage.start.own;
    this.part('pen').hidden = !own;
    if (!own || this.part('classes').childElementCount) return;
    const group = `pen-${Math.random().toString(36).slice(2)}`;
    this.settings.palette.forEach((colour, k) => {
      const input = node('input', { type: 'radio', name: group, value: k });
      input.checked = k === this.pen;
      input.addEventListener('change', () => { this.pen = k; });
      this.part('classes').append(node('label', {}, input,
        node('i', { class: 'swatch', style: `background:${colour}` }), `class ${k}`));
    });
  }

  clicked(stage, point, remove, reach) {
    const { own } = stage.start;
    if (!own) {
      stage.picked = point;
      this.draw();
      this.trigger('pick', point);
      return;
    }
    const distance = ([x, y]) => Math.hypot(x - point.x, y - point.y);
    if (remove) {
      const near = own.map(distance).indexOf(Math.min(...own.map(distance)));
      if (near < 0 || distance(own[near]) > reach) return;
      own.splice(near, 1);
      stage.points.splice(near, 1);
    } else {
      const rounded = [point.x, point.y].map((value) => Number(value.toPrecision(4)));
      const { classes, names } = stage.start;
      const named = names[0] !== 'class 0' && this.pen < classes;
      own.push([...rounded, named ? names[this.pen] : this.pen]);
      stage.points.push({ x: rounded[0], y: rounded[1], label: this.pen, part: 0 });
    }
    stage.picture.dots = null;
    this.draw();
    this.trigger('draw', { points: own });
  }

  toggle() {
    this.playing = !this.playing;
    const atEnd = this.at >= this.moments.length - 1;
    if (this.playing && atEnd && this.root.dataset.state !== 'running') this.at = 0;
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
      if (atEnd && this.root.dataset.state !== 'running') this.playing = false;
      if (!this.playing || !this.root.isConnected) {
        this.rolling = false;
        this.draw();
        return;
      }
      if (now - before >= TICK && !atEnd) {
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

  // Kept runs live in the page, for the comparison to pick up.
  keep() {
    keepRuns(this.stages.map((stage) => stage.kept()));
    this.part('keep').textContent = 'Kept';
    this.part('keep').disabled = true;
    setTimeout(() => { this.part('keep').textContent = 'Keep to compare'; }, 1500);
  }
}
