// Worlds: the three networks in one draw of points after another. Python drew, trained, scored and
// counted; the page asks for what it shows and looks the rest up.
import { download } from '../../charts/save.js';
import { node, partsOf, sizeOf, write } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { Column, viewOf } from './columns.js';
import { Doubts } from './doubts.js';
import { Live } from './live.js';
import { Pile } from './pile.js';
import { sentence } from './sentence.js';
import { Settings } from './settings.js';
import { NAMES, TITLES, count } from './words.js';

const OWN = 'own';
const AT_ONCE = 20; // worlds
const [SHOWN_FOR, FRAME_FOR] = [140, 260]; // milliseconds: a world of many, an epoch of a film
const PLAY = 'M5 3l12 7-12 7z';
const PAUSE = 'M5 3h3.6v14H5zM11.4 3H15v14h-3.6z';

export function start({ element, props, trigger }, settings) {
  const page = new Worlds(element.querySelector('.worlds'), trigger, settings);
  const tell = () => {
    page.receive(props.value);
    page.judge(props.judged);
    page.hear(props.live);
  };
  tell();
  return tell;
}

class Worlds {
  constructor(root, trigger, { rules, fields }) {
    this.root = root;
    this.part = partsOf(root);
    this.trigger = trigger;
    this.last = {}; // texts that were read
    this.piles = new Map();
    this.questions = [];
    this.show = { points: true, best: false, others: false, regret: false };
    this.reading = Promise.resolve(); // messages are read one after the other
    this.timer = null;
    const choose = { frame: (frame) => this.look(frame), world: (k) => this.go(k) };
    this.columns = NAMES.map((name) => new Column(this.part('columns'), name, choose));
    this.doubts = new Doubts(root, this.part, choose.world);
    this.live = new Live(this);
    this.settings = new Settings(this.part('settings'), fields, (values) => this.change(values));
    this.part('rule').append(...rules.map(([key, title]) => node('option', { value: key }, title)));
    this.rule = rules[0][0];
    watchWords(root, 'capstone');
    this.listen();
    new ResizeObserver(() => this.draw(true)).observe(this.part('columns'));
    this.ask(this.rule, [0], { whole: true });
  }

  listen() {
    const on = (name, act) => this.part(name).addEventListener('click', act);
    on('draw', () => this.press());
    on('more', () => this.many());
    on('anew', () => this.live.begin('anew'));
    on('play', () => this.play());
    on('save', () => download(
      new Blob([this.view.detail.csv], { type: 'text/csv' }), 'capstone.csv'));
    this.part('rule').addEventListener('change', ({ target }) => this.choose(target.value));
    for (const button of this.root.querySelectorAll('[data-show]')) {
      button.addEventListener('click', () => {
        const { show } = button.dataset;
        this.show[show] = !this.show[show];
        button.setAttribute('aria-pressed', this.show[show]);
        this.draw();
      });
    }
    const [tabs, columns] = [this.part('tabs'), this.part('columns')];
    tabs.append(...NAMES.map((name, i) => {
      const tab = node('button', { type: 'button', 'aria-pressed': i === 0 }, TITLES[name]);
      tab.addEventListener('click', () => this.columns[i].root.scrollIntoView(
        { block: 'nearest', inline: 'start' }));
      return tab;
    }));
    columns.addEventListener('scroll', () => {
      const now = Math.round(columns.scrollLeft / (this.columns[0].root.offsetWidth + 12));
      [...tabs.children].forEach((tab, i) => tab.setAttribute('aria-pressed', i === now));
    }, { passive: true });
  }

  // Questions to Python, one at a time: two answers at once would be one change of the component.
  ask(rule, worlds, { whole = false, brief = false } = {}) {
    this.questions.push({ rule, worlds, whole, brief });
    if (this.questions.length === 1) this.trigger('want', this.questions[0]);
  }

  receive(text) {
    if (!text || text === this.last.value) return;
    this.last.value = text;
    const message = JSON.parse(text);
    const [asked] = this.questions;
    if (asked?.rule === message.rule) this.questions.shift();
    if (this.questions.length) this.trigger('want', this.questions[0]);
    this.reading = this.reading.then(() => this.read(message)).catch(reportError);
  }

  async read({ rule, error, summary, worlds = [] }) {
    this.complain(error ?? '');
    if (error) {
      this.piles.get(rule)?.giveUp([...this.piles.get(rule).waiting.keys()], error);
      return;
    }
    if (summary) {
      const pile = await Pile.decode(summary, (wanted, brief) =>
        this.ask(rule, wanted, { brief }));
      this.piles.set(rule, pile);
      for (const detail of worlds) await pile.take(detail);
      if (rule === this.rule) await this.begin(pile);
    } else for (const detail of worlds) await this.piles.get(rule)?.take(detail);
  }

  // A pile from its first world on, or as it was left.
  async begin(pile) {
    this.prepare(pile);
    pile.drawn ||= 1;
    await this.go(pile.drawn - 1);
    pile.fetch([pile.drawn]);
  }

  choose(rule) {
    if (rule === this.rule) return;
    this.stop();
    this.live.leave();
    this.rule = rule;
    this.complain('');
    this.part('settings').hidden = rule !== OWN;
    const pile = this.piles.get(rule);
    this.compare();
    if (pile) this.reading = this.reading.then(() => this.begin(pile)).catch(reportError);
    else if (rule !== OWN) this.ask(rule, [0], { whole: true });
    this.draw();
  }

  // Other settings may have made what is shown.
  change(values) {
    this.trigger('check', { settings: values });
    this.compare();
    this.draw();
  }

  compare() {
    const own = this.piles.get(OWN);
    const stale = this.rule === OWN && (own?.madeWith !== this.settings.text());
    this.root.toggleAttribute('data-stale', stale && !this.live.busy);
  }

  judge(text) {
    if (!text || text === this.last.judged) return;
    this.last.judged = text;
    this.refuse(JSON.parse(text).wrong);
  }

  // wrong: {field, text, shown}; null: nothing is.
  refuse(wrong) {
    this.settings.tell(wrong);
    this.complain(wrong && !(wrong.shown && this.rule === OWN) ? wrong.text : '');
  }

  hear(text) {
    if (!text || text === this.last.live) return;
    this.last.live = text;
    this.reading = this.reading.then(() => this.live.hear(JSON.parse(text))).catch(reportError);
  }

  complain(text) {
    write(this.part('trouble'), text);
  }

  // The next world that ships, or one that is trained now; while one is, what stops it.
  press() {
    this.stop();
    if (this.live.justDone) return;
    if (this.live.busy) this.live.toggle();
    else if (this.left > 0) this.reveal();
    else this.live.begin('draw');
  }

  get left() {
    if (this.root.hasAttribute('data-stale') || !this.pile) return 0;
    return this.pile.shipped - this.pile.drawn;
  }

  async reveal() {
    const { pile } = this;
    const k = pile.drawn;
    pile.drawn += 1;
    this.frame = pile.last;
    await this.go(k);
    pile.fetch([pile.drawn, pile.drawn + 1]);
  }

  async many() {
    this.stop();
    const { pile } = this;
    const worlds = Array.from({ length: Math.min(AT_ONCE, this.left) }, (_, i) => pile.drawn + i);
    const last = worlds.at(-1);
    this.frame = pile.last;
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
      pile.drawn += worlds.length;
      await this.go(last);
      return;
    }
    pile.fetch(worlds.slice(0, -1), true);
    pile.fetch([last]);
    const mine = Symbol('drawing');
    this.drawing = mine;
    for (const k of worlds) {
      await Promise.all([pile.world(k, k < last), this.pause()]);
      if (this.drawing !== mine || this.pile !== pile) return;
      pile.drawn = Math.max(pile.drawn, k + 1);
      this.turnTo(k, k < last);
    }
    pile.fetch([pile.drawn]);
  }

  pause() {
    return new Promise((wake) => { setTimeout(wake, SHOWN_FOR); });
  }

  // Shows world k, drawn or not yet; the one asked for last wins.
  async go(k, toEnd = false) {
    const { pile } = this;
    this.drawing = null;
    this.live.following = false;
    if (toEnd) this.frame = pile.last;
    this.wanted = k;
    pile.drawn = Math.max(pile.drawn, k + 1);
    const known = pile.details.has(k);
    if (!known) this.root.toggleAttribute('data-waiting', true);
    try {
      await pile.world(k);
    } catch {
      return; // Python has said why
    } finally {
      this.root.toggleAttribute('data-waiting', false);
    }
    if (this.wanted === k && this.pile === pile) this.turnTo(k);
  }

  turnTo(k, quick = false) {
    this.world = k;
    this.view = viewOf(this.pile, k);
    for (const { picture } of this.columns) picture.setPoints(this.view.points);
    this.draw(!quick);
  }

  // The rule's pictures, before any of its worlds is there.
  prepare(pile, madeWith = null) {
    this.stop();
    Object.assign(this, { pile, view: null, world: 0, frame: pile.last });
    this.columns.forEach((column, i) => column.begin(pile, i));
    this.doubts.begin(pile);
    pile.madeWith = madeWith ?? pile.madeWith;
    this.compare();
  }

  // A world that grows, up to an epoch that all its networks have reached.
  growTo(view, frame) {
    if (!this.view?.growing || this.view.world !== view.world) {
      for (const { picture } of this.columns) picture.setPoints(view.points);
    }
    this.view = view;
    if (!this.live.scrubbed) this.frame = frame;
  }

  look(frame) {
    this.stop();
    this.frame = frame;
    this.live.scrubbed = true;
    this.draw();
  }

  play() {
    const { pile } = this;
    if (this.timer || !pile) {
      this.stop();
      return;
    }
    if (this.frame >= pile.last) this.frame = 0;
    this.part('play').querySelector('path').setAttribute('d', PAUSE);
    this.part('play').setAttribute('aria-label', 'Pause');
    this.draw();
    this.timer = setInterval(() => {
      if (this.frame >= pile.last) this.stop();
      else {
        this.frame += 1;
        this.draw();
      }
    }, FRAME_FOR);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.drawing = null;
    this.part('play').querySelector('path').setAttribute('d', PLAY);
    this.part('play').setAttribute('aria-label', 'Play the training');
  }

  // Everything at the cursor's epoch; `whole`: what depends on the world alone, too.
  draw(whole = false) {
    this.buttons();
    const { pile, view, frame } = this;
    if (!pile || !view || !sizeOf(this.root)[0]) return;
    const growing = Boolean(view.growing);
    Object.assign(this.root.dataset, { state: growing ? 'growing' : 'ready', rule: pile.rule,
      world: view.world, drawn: pile.drawn, epoch: pile.epochs[frame] });
    write(this.part('world'), count(view.world + 1));
    write(this.part('of'), `of ${count(Math.max(pile.drawn, view.world + 1))} drawn`);
    write(this.part('epoch'), count(pile.epochs[frame]));
    // While a world grows, the strips stay as they are.
    const strips = pile.drawn && (whole || !growing || this.grows !== view.world);
    this.grows = growing ? view.world : null;
    this.columns.forEach((column, i) => {
      column.draw(view, i, frame, pile, this.show);
      if (strips) column.strip.draw(this.strip(i, growing));
    });
    const stale = this.root.hasAttribute('data-stale');
    if (stale) write(this.part('run'), 'What is shown was made by another rule: draw a world.');
    else if (growing) write(this.part('run'), this.growth());
    else this.part('run').replaceChildren(...sentence(pile, view, frame));
    this.part('save').disabled = growing || stale;
    if (whole && !growing) this.doubts.draw(pile, view);
  }

  growth() {
    const { world } = this.view;
    return `World ${count(world + 1)} is being trained: new points, split and start. It counts `
      + `once its three networks have ended${world ? '; the dots are the worlds before it' : ''}.`;
  }

  // While a world grows, the dots are those before it, as they ended.
  strip(i, growing) {
    const { pile } = this;
    const frame = growing ? pile.last : this.frame;
    const rows = pile.rows.slice(0, pile.drawn);
    const [fresh, test] = ['fresh', 'test'].map((part) => rows.map((row) => row[part][i][frame]));
    return { fresh, test, world: growing ? null : this.world, best: pile.best_fresh,
      range: pile.range, ticks: pile.ticks,
      hint: pile.drawn === 1 && i === 0 ? 'each world drawn adds a dot here' : '' };
  }

  buttons() {
    const { left } = this;
    const more = this.part('more');
    more.hidden = this.live.busy || left < 1;
    write(more, `Draw ${Math.min(AT_ONCE, Math.max(1, left))} more`);
    this.live.buttons();
  }
}
