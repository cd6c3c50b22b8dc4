// A world that the server trains for this page, as it grows: begun, stopped, gone on with.
import { write } from '../../page/dom.js';
import { decodeArray, decodeRegions, at } from './decode.js';
import { Pile, readPoints } from './pile.js';
import { NAMES } from './words.js';

const BUSY = ['waiting', 'training', 'scoring', 'stopping', 'paused'];

export class Live {
  // page: {part, rule, pile, settings, trigger, draw, begin, go}
  constructor(page) {
    this.page = page;
    this.phase = 'none';
    this.share = null; // of the training that is done
    this.following = false; // the picture shows the world that grows
    this.scrubbed = false;
  }

  get busy() {
    return BUSY.includes(this.phase);
  }

  begin(action) {
    const { page } = this;
    this.phase = 'waiting';
    [this.following, this.scrubbed, this.share] = [true, false, null];
    page.trigger('press', { action, rule: page.rule, settings: page.settings.values(),
      pile: page.pile?.pile ?? null, world: page.pile?.rows.length ?? 0 });
    page.draw();
  }

  toggle() {
    if (this.phase === 'paused') {
      this.following = true;
      this.page.trigger('press', { action: 'resume' });
      this.phase = 'waiting';
    } else {
      this.page.trigger('press', { action: 'stop' });
      this.phase = this.phase === 'waiting' ? 'waiting' : 'stopping';
    }
    this.buttons();
  }

  leave() {
    if (this.busy) this.page.trigger('press', { action: 'leave' });
    this.phase = 'none';
    this.buttons();
  }

  async hear(message) {
    const { page } = this;
    if (message.rule && message.rule !== page.rule) return; // the visitor has left that rule
    if (message.phase) this.phase = message.phase;
    this.share = message.share ?? null;
    write(page.part('status'), message.text ?? '');
    if (message.wrong) page.judge(JSON.stringify({ wrong: message.wrong }));
    if (message.summary && message.summary.pile !== page.pile?.pile) await this.open(message);
    if (message.grown && this.following) await this.grow(message);
    if (message.detail) await this.end(message);
    page.draw();
  }

  // A rule of the visitor's own: what is known before its first world is drawn.
  async open({ summary, rule }) {
    const { page } = this;
    const pile = await Pile.decode(summary, () => {});
    page.piles.set(rule, pile);
    page.prepare(pile);
  }

  async grow({ grown, world }) {
    const { page } = this;
    const scores = await Promise.all(grown.scores.map(decodeArray)); // (reached, 6) a network
    const regions = await Promise.all(grown.regions.map(decodeRegions));
    const points = readPoints(await decodeArray(grown.points));
    const column = (k) => scores.map((table) =>
      Array.from({ length: table.shape[0] }, (_, f) => at(table, f, k)));
    const [train, trainLoss, test, testLoss, fresh, freshLoss] = [0, 1, 2, 3, 4, 5].map(column);
    page.growTo({ growing: true, world, points, regions, regret: null, best: grown.best,
      accuracy: { train, test, fresh }, others: null,
      loss: { train: trainLoss, test: testLoss, fresh: freshLoss } },
    Math.min(...NAMES.map((_, i) => regions[i].length)) - 1);
  }

  async end({ detail, row, changes }) {
    const { page } = this;
    const { pile } = page;
    if (pile.rows.length === detail.world) await pile.append(row);
    Object.assign(pile, changes ?? {});
    await pile.take(detail);
    if (this.following) await page.go(detail.world);
    else pile.drawn = Math.max(pile.drawn, detail.world + 1);
  }

  buttons() {
    const { page } = this;
    const text = { none: 'Draw the world again', waiting: 'Waiting: stop', stopping: 'Stopping…',
      training: 'Stop', scoring: 'Scoring: stop', paused: 'Resume' }[this.phase];
    const share = this.phase === 'training' && this.share !== null
      ? `Stop, ${Math.round(100 * this.share)} % trained` : null;
    write(page.part('draw-text'), share ?? text ?? 'Draw the world again');
    const progress = page.part('progress');
    progress.hidden = !this.busy;
    progress.style.width = `${100 * (this.share ?? 0)}%`;
    page.part('anew').hidden = this.phase !== 'paused';
  }
}
