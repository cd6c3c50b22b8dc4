// Plays films: one or several stages, one scrubber. Messages arrive from Python as JSON text while
// training runs; after that nothing is asked of the server.
const root = element.querySelector('.film');
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
const TICK = 50; // milliseconds a moment: a film of sixty takes three seconds
const REPLAY = 2500; // a training shorter than this went by too fast to be seen live

class Player {
  constructor() {
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
    part('play').addEventListener('click', () => this.toggle());
    part('back').addEventListener('click', () => this.seek(this.at - 1));
    part('next').addEventListener('click', () => this.seek(this.at + 1));
    part('scrubber').addEventListener('input', (event) => this.seek(Number(event.target.value)));
    for (const name of ['train', 'test', 'bayes']) {
      part(name).addEventListener('change', (event) => {
        this.show[name] = event.target.checked;
        this.draw();
      });
    }
    const views = part('views').querySelectorAll('input');
    const group = `view-${Math.random().toString(36).slice(2)}`;
    for (const input of views) {
      input.name = group;
      input.addEventListener('change', () => this.look(input.value));
    }
    part('keep').addEventListener('click', () => this.keep());
    part('png').addEventListener('click', () => saveFigure(this, 'png'));
    part('svg').addEventListener('click', () => saveFigure(this, 'svg'));
    root.addEventListener('keydown', (event) => {
      if (!event.target.matches('canvas')) return;
      const moves = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0,
        End: this.moments.length - 1 };
      if (event.key in moves) this.seek(moves[event.key]);
      else if (event.key === ' ') this.toggle();
      else return;
      event.preventDefault();
    });
    new ResizeObserver(() => this.redraw()).observe(root);
    new MutationObserver(() => this.redraw()).observe(document.body, { attributeFilter: ['class'] });
  }

  look(view) {
    this.show.view = view;
    for (const input of part('views').querySelectorAll('input')) input.checked = input.value === view;
    this.draw();
  }

  receive(text) {
    if (!text) return;
    this.queue = this.queue.then(() => this.apply(JSON.parse(text)))
      .catch((error) => console.error('film:', error));
  }

  async apply(message) {
    if (message.state === 'stopped') {
      if (root.dataset.state === 'running') this.end('stopped');
      return;
    }
    // What was on its way when the run was stopped; to go on, or to end, a run says so.
    if (message.run === this.run && !message.state && root.dataset.state === 'stopped') return;
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
    part('members-only').hidden = members < 2;
    part('bayes-box').hidden = !started.some((stage) => stage.bayes);
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
    part('bayes-box').hidden = !runs.some((run) => run.bayes);
    part('members-only').hidden = !runs.some((run) => run.start.members > 1);
    this.end('done');
    this.at = this.moments.length - 1;
    this.playing = false;
    this.redraw();
  }

  open(message) {
    this.run = message.run;
    this.stages = message.stages.map((_, i) => new Stage(this, i));
    part('stages').replaceChildren(...this.stages.map((stage) => stage.root));
    part('empty').hidden = true;
    root.dataset.count = this.stages.length;
    root.dataset.state = 'running';
    this.at = 0;
    this.playing = true;
    this.opened = performance.now();
  }

  end(state) {
    root.dataset.state = state;
    part('keep').disabled = state !== 'done';
    if (state === 'preview') this.playing = false;
    if (state === 'running') this.playing = true; // a stopped run goes on
  }

  // The moments of all stages on one line.
  collect() {
    const keys = new Set(this.stages.flatMap((stage) => stage.frames.map((frame) => frame.key)));
    this.moments = [...keys].sort((a, b) => a - b);
    const scrubber = part('scrubber');
    scrubber.max = Math.max(0, this.moments.length - 1);
    root.dataset.frames = this.moments.length;
    const single = this.moments.length < 2;
    part('transport').hidden = single;
    part('tools').hidden = !this.moments.length;
    part('saves').hidden = !this.moments.length;
  }

  // Own points: the pen, its colours, and the exact coordinates that Python sent.
  sketchpad(stage) {
    const own = stage && stage.start.own;
    part('pen').hidden = !own;
    if (!own || part('classes').childElementCount) return;
    const group = `pen-${Math.random().toString(36).slice(2)}`;
    SETTINGS.palette.forEach((colour, k) => {
      const input = node('input', { type: 'radio', name: group, value: k });
      input.checked = k === this.pen;
      input.addEventListener('change', () => { this.pen = k; });
      part('classes').append(node('label', {}, input,
        node('i', { class: 'swatch', style: `background:${colour}` }), `class ${k}`));
    });
  }

  clicked(stage, point, remove, reach) {
    const { own } = stage.start;
    if (!own) {
      stage.picked = point;
      this.draw();
      trigger('pick', point);
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
      own.push([...rounded, this.pen]);
      stage.points.push({ x: rounded[0], y: rounded[1], label: this.pen, part: 0 });
    }
    stage.dots = null;
    this.draw();
    trigger('draw', { points: own });
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.moments.length - 1 && root.dataset.state !== 'running') {
      this.at = 0;
    }
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
      if (atEnd && root.dataset.state !== 'running') this.playing = false;
      if (!this.playing || !root.isConnected) {
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
    if (!ready.length || !root.clientWidth) return;
    const scales = { loss: sharedScale(ready, 'loss'), accuracy: sharedScale(ready, 'accuracy') };
    for (const stage of ready) stage.drawCurves(scales);
    this.draw();
  }

  draw() {
    const began = performance.now();
    const key = this.moments[this.at] ?? 0;
    for (const stage of this.stages) stage.draw(key, this.show);
    root.dataset.drawMs = (performance.now() - began).toFixed(1);
    part('scrubber').value = this.at;
    root.dataset.epoch = Math.floor(key);
    const kept = key % 1 ? ', kept parameters' : '';
    const text = `epoch ${Math.floor(key).toLocaleString('en')}${kept}`;
    part('moment').textContent = text;
    part('scrubber').setAttribute('aria-valuetext', text);
    part('play').textContent = this.playing ? 'Pause' : 'Play';
    part('play').setAttribute('aria-label', this.playing ? 'Pause the film' : 'Play the film');
  }

  // Kept runs live in the page, for the comparison to pick up.
  keep() {
    const shelf = (window.keptRuns ||= []);
    for (const stage of this.stages) {
      shelf.push({ start: stage.start, rows: stage.rows, frames: stage.frames,
        points: stage.points, bayes: stage.bayes, result: stage.result });
    }
    part('keep').textContent = 'Kept';
    part('keep').disabled = true;
    setTimeout(() => { part('keep').textContent = 'Keep to compare'; }, 1500);
    document.dispatchEvent(new CustomEvent('runs-kept'));
  }
}

