// A world that the server trains for this page, as it grows: begun, stopped, gone on with.
import { write } from '../../page/dom.js';
import { decodeArray, decodeRegions, at } from './decode.js';
import { Pile, readPoints } from './pile.js';
import { NAMES } from './words.js';

const GRACE = 1000; // milliseconds after the end, in which a press was meant to stop
const STARTS = ['draw', 'anew', 'resume'];
const BUSY = ['waiting', 'training', 'scoring', 'stopping', 'paused'];

export class Live {
  // page: {part, rule, pile, settings, trigger, draw, begin, go}
  constructor(page) {
    this.page = page;
    this.phase = 'none';
    this.share = null; // of the training that is done
    this.following = false; // the picture shows the world that grows
    this.scrubbed = false;
    this.unheard = null; // what was pressed before the server had answered the press before
  }

  get busy() {
    return BUSY.includes(this.phase);
  }

  begin(action) {
    const { page } = this;
    this.set('waiting');
    [this.following, this.scrubbed] = [true, false];
    this.press(action, { rule: page.rule, settings: page.settings.values() });
  }

  // The server works at two presses side by side: one that is about what another begins waits until
  // the server has answered that one, as it answers all that begin something.
  press(action, about = {}) {
    const again = action === 'stop' && this.unheard?.next?.action === 'stop'; // no answer came
    if (this.unheard && !again) {
      this.unheard.next = { action, ...about };
      return;
    }
    this.unheard = STARTS.includes(action) ? {} : null;
    this.page.trigger('press', { action, ...about });
  }

  answered() {
    const { next } = this.unheard ?? {};
    this.unheard = null;
    if (next) this.press(next.action, next);
  }

  toggle() {
    const resumes = this.phase === 'paused';
    if (resumes) [this.following, this.scrubbed] = [true, false];
    this.press(resumes ? 'resume' : 'stop');
    this.set(resumes ? 'waiting' : 'stopping');
  }

  leave() {
    if (this.busy) this.press('leave');
    this.set('none');
  }

  // Whether a press may still have been meant to stop what has ended.
  get justDone() {
    return this.phase === 'done' && performance.now() - this.doneAt < GRACE;
  }

  set(phase, share = null, text = '') {
    if (phase === 'done') this.doneAt = performance.now();
    Object.assign(this, { phase, share });
    this.page.root.dataset.phase = phase;
    write(this.page.part('status'), text);
    this.page.buttons();
  }

  async hear(message) {
    const { page } = this;
    this.answered();
    if (message.rule && message.rule !== page.rule) return; // the visitor has left that rule
    const stopping = this.phase === 'stopping' && ['waiting', 'training'].includes(message.phase);
    this.set(stopping ? this.phase : message.phase, message.share, message.text);
    if (message.wrong) page.refuse(message.wrong);
    if (message.summary && message.pile !== page.pile?.pile) await this.open(message);
    if (page.pile && message.pile === page.pile.pile) page.pile.forget(message.world ?? Infinity);
    if (message.grown && this.following && page.pile) await this.grow(message);
    if (message.detail) await this.end(message);
    page.draw();
  }

  // A rule of the visitor's own: what is known before its first world is drawn.
  async open({ summary, rule }) {
    const { page } = this;
    const pile = await Pile.decode(summary, () => {});
    page.piles.set(rule, pile);
    page.prepare(pile, page.settings.text());
  }

  async grow({ grown, world }) {
    const { page } = this;
    const scores = await Promise.all(grown.scores.map(decodeArray)); // (reached, 6) a network
    const regions = await Promise.all(grown.regions.map(decodeRegions));
    const reached = Math.min(...NAMES.map((_, i) => regions[i].length)) - 1;
    if (reached < 0) return; // a network has not begun
    const points = readPoints(await decodeArray(grown.points));
    const column = (k) => scores.map((table) =>
      Array.from({ length: table.shape[0] }, (_, f) => at(table, f, k)));
    const [train, trainLoss, test, testLoss, fresh, freshLoss] = [0, 1, 2, 3, 4, 5].map(column);
    page.growTo({ growing: true, world, points, regions, regret: null, best: null,
      accuracy: { train, test, fresh },
      loss: { train: trainLoss, test: testLoss, fresh: freshLoss } },
    reached);
  }

  async end({ detail, row, changes }) {
    const { page } = this;
    const { pile } = page;
    if (pile.rows.length === detail.world) await pile.append(row);
    Object.assign(pile, changes ?? {});
    await pile.take(detail);
    if (this.following) await page.go(detail.world, !this.scrubbed);
    else pile.drawn = Math.max(pile.drawn, detail.world + 1);
  }

  buttons() {
    const part = (name) => this.page.part(name);
    const texts = { waiting: 'Waiting: stop', stopping: 'Stopping…', scoring: 'Scoring: stop',
      training: this.share === null ? 'Stop' : `Stop, ${Math.round(100 * this.share)} % trained`,
      paused: 'Resume' };
    write(part('draw-text'), texts[this.phase] ?? 'Draw the world again');
    part('dice').toggleAttribute('hidden', this.busy);
    part('progress').hidden = !this.busy;
    part('progress').style.scale = `${this.share ?? 0} 1`;
    part('anew').hidden = this.phase !== 'paused';
  }
}
