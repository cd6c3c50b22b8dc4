// The network that was picked: its numbers as recorded, and, once Python has trained it again, its
// region, the film of its training, and its losses.
import { sharedScale } from '../../film/curves.js';
import { Stage } from '../../film/stage.js';
import { node, partsOf, write } from '../../page/dom.js';
import { percent, short } from '../../charts/scale.js';

const TICK = 90; // milliseconds a moment
const SHOWN = { view: 'labels', train: true, test: true, bayes: true };
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

class Region extends Stage {
  buildNeurons() { // they have no place here
    this.tiles = [];
  }
}

export class Member {
  // again(): the visitor wants the network that was picked to be trained again.
  constructor(root, settings, again) {
    this.root = root;
    this.settings = settings;
    for (const [name, colour] of Object.entries(settings.curves)) {
      root.style.setProperty(`--${name}`, colour);
    }
    this.part = partsOf(root);
    this.stage = new Region(this);
    this.part('picture').append(this.stage.picture.canvas);
    this.part('key').append(this.stage.legend);
    this.part('curves').append(this.stage.charts);
    [this.pick, this.asked, this.at, this.queue] = [null, 0, 0, Promise.resolve()];
    this.part('again').addEventListener('click', again);
    this.part('play').addEventListener('click', () => this.toggle());
    const scrubber = this.part('moment');
    scrubber.addEventListener('input', () => this.seek(Number(scrubber.value)));
    this.stage.picture.canvas.addEventListener('keydown', (event) => {
      const last = this.stage.frames.length - 1;
      const to = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.seek(to);
    });
    new ResizeObserver(() => this.redraw()).observe(root);
    const dressed = new MutationObserver(() => { // light or dark
      this.stage.picture.dots = null;
      this.redraw();
    });
    dressed.observe(document.body, { attributeFilter: ['class'] });
    this.tell('empty');
  }

  clicked() {} // a click on the picture asks nothing

  // A network of the chart; column: its setting's.
  show(column, member, members, unseen) {
    const same = this.pick && this.pick.index === column.index && this.pick.member === member;
    this.pick = { index: column.index, member };
    const { accuracy, loss } = column;
    const share = (part) => (accuracy[part].length ? percent(accuracy[part][member]) : null);
    const said = [['training', share('train')], ['test', share('test')], ['fresh', share('fresh')]]
      .filter(([, text]) => text !== null);
    const price = loss[unseen][member];
    const own = column.own_best[member];
    this.part('text').replaceChildren(
      node('b', {}, column.label), `, network ${member + 1} of ${members}: `,
      ...said.flatMap(([name, text], i) => [i ? ', ' : '', `${name} `, node('b', {}, text)]),
      `; loss on ${unseen} points `, node('b', {}, price === null ? 'infinite' : short(price)),
      own === null || own === undefined ? '.' : `. The best rule scores ${percent(own)} on the `
        + 'same test points.');
    if (!same) this.forget();
  }

  forget() {
    this.asked += 1; // what is still on its way is of another network
    this.stage.reset();
    this.playing = false;
    this.tell('recorded');
    this.redraw();
  }

  // state: empty, recorded, waiting, training, done, error.
  tell(state, text = '') {
    this.root.dataset.state = state;
    write(this.part('news'), text);
    this.part('again').hidden = !['recorded', 'error'].includes(state);
    this.part('film').hidden = this.stage.frames.length < 2;
    this.part('curves').hidden = this.stage.rows.epoch.length < 2;
    this.part('picture').hidden = !this.stage.frames.length;
    this.part('place').hidden = this.stage.frames.length > 0 || state === 'empty';
  }

  wait() {
    this.asked += 1;
    this.stage.reset();
    this.playing = false;
    this.tell('waiting', 'Training it again…');
    return this.asked;
  }

  receive(message) {
    this.queue = this.queue.then(() => this.apply(message))
      .catch((error) => console.error('member:', error));
  }

  async apply({ asked, state, film, told }) {
    if (asked !== this.asked) return;
    const [news] = film ? JSON.parse(film).stages : [null];
    if (news) {
      await this.stage.take(news);
      if (asked !== this.asked) return;
      this.at = this.stage.frames.length - 1;
    }
    this.tell(state, told);
    this.redraw();
  }

  redraw() {
    const { stage } = this;
    if (!stage.start || !this.root.clientWidth) return;
    stage.drawCurves({ loss: sharedScale([stage], 'loss'),
      accuracy: sharedScale([stage], 'accuracy') });
    this.draw();
  }

  draw() {
    const { frames } = this.stage;
    const frame = frames[this.at];
    if (!frame) return;
    this.stage.draw(frame.key, SHOWN);
    const scrubber = this.part('moment');
    scrubber.max = frames.length - 1;
    scrubber.value = this.at;
    scrubber.style.setProperty('--done', `${(100 * this.at) / Math.max(1, frames.length - 1)}%`);
    const text = `epoch ${frame.epoch.toLocaleString('en')}`;
    scrubber.setAttribute('aria-valuetext', text);
    write(this.part('epoch'), text);
    const play = this.part('play');
    play.setAttribute('aria-label', this.playing ? 'Pause the film' : 'Play the film');
    play.dataset.playing = Boolean(this.playing);
    this.root.dataset.epoch = frame.epoch;
  }

  seek(at) {
    this.playing = false;
    this.at = Math.min(this.stage.frames.length - 1, Math.max(0, at));
    this.draw();
  }

  toggle() {
    this.playing = !this.playing;
    const last = this.stage.frames.length - 1;
    if (this.playing && this.at >= last) this.at = 0;
    if (this.playing && calm.matches) this.seek(last); // who wants little motion sees the end
    else if (this.playing) this.roll();
    this.draw();
  }

  roll() {
    const film = this.asked;
    let before = performance.now();
    const step = (now) => {
      if (!this.playing || film !== this.asked || !this.root.isConnected) return;
      if (now - before >= TICK) {
        before = now;
        this.at += 1;
        if (this.at >= this.stage.frames.length - 1) this.seek(this.at);
        this.draw();
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
