// One setting at many values, or two at once. Python sent every number, every sentence and every
// axis; a choice asks it for another sweep, a dot for that very network.
import { offerToSave } from '../../charts/figure.js';
import { download } from '../../charts/save.js';
import { node, partsOf, write } from '../../page/dom.js';
import { Presses } from '../../page/presses.js';
import { explained } from '../../page/gloss.js';
import { watchWords } from '../../page/words.js';
import { ask } from './asked.js';
import { AxisList } from './axes.js';
import { drawDots } from './chart.js';
import { drawHeat } from './heat.js';
import { tellLegend } from './legend.js';
import { Member } from './member.js';
import { Own } from './own.js';
import { Pointing } from './pointing.js';

const LEADING = 2; // sentences that are always in sight
const HEADINGS = { one: 'One setting at many values', two: 'Two settings at once' };
const TOLD = ['value', 'told', 'cost', 'network'];
const STOPPED = 'Stopped. Values that were done are kept: run it again and it goes on.';

export function start({ element, props, trigger }, settings) {
  const sweeps = new Sweeps(element.querySelector('.sweeps'), trigger, settings);
  const show = () => sweeps.hear(props);
  show();
  return show;
}

class Sweeps {
  constructor(root, trigger, settings) {
    Object.assign(this, { root, trigger, settings, part: partsOf(root), heard: {}, sweep: null,
      measure: 'accuracy', when: null, pick: null, awaited: settings.first });
    const left = (about) => trigger('leave', about);
    [this.runs, this.picks] = [new Presses(left), new Presses(left)];
    this.chosen = { one: settings.first, two: settings.pairs[0].key };
    this.axes = new AxisList(this.part('axes'), this.part('help'), settings,
      (key) => this.choose(key));
    this.board = new Pointing(this.part('board'), {
      draw: () => this.draw(),
      pick: (pick) => this.choosePick(pick),
      again: () => this.again(),
      step: (key) => this.step(key),
      describe: (place) => this.describe(place),
    });
    this.member = new Member(this.part('member'), settings, () => this.again());
    this.own = new Own(this.part('own'), settings, {
      changed: () => this.weigh(), run: () => this.run(), stop: () => this.stop() });
    for (const button of root.querySelectorAll('[data-kind]:is(button)')) {
      button.addEventListener('click', () => this.turn(button.dataset.kind));
    }
    for (const button of root.querySelectorAll('[data-measure]')) {
      button.addEventListener('click', () => {
        this.measure = button.dataset.measure;
        this.draw();
      });
    }
    this.part('when').addEventListener('input', (event) => {
      this.when = Number(event.target.value);
      this.draw();
    });
    this.part('csv').addEventListener('click', () => {
      const csv = this.sweep?.csv;
      if (csv) download(new Blob([csv], { type: 'text/csv' }), 'sweep.csv');
    });
    watchWords(root, 'capstone');
    offerToSave(root, 'sweep');
    this.turn('one', false);
  }

  get kind() {
    return this.root.dataset.kind;
  }

  hear(props) {
    for (const name of TOLD) {
      const text = props[name];
      if (!text || text === this.heard[name]) continue;
      this.heard[name] = text;
      this[name](JSON.parse(text));
    }
  }

  value(sweep) {
    if (!this.runs.waitsFor(sweep.press)) return; // of a run that was left
    if (sweep.press === undefined) { // what ships
      if (this.awaited !== sweep.choice) return; // another was chosen since, or a run begun
      this.awaited = null;
      this.told({ status: '', running: false });
    }
    const before = this.sweep;
    this.sweep = sweep;
    this.root.toggleAttribute('data-empty', !sweep.columns.length);
    if (!sweep.columns.length) this.part('board').replaceChildren(); // nobody counts what is hidden
    this.root.dataset.source = sweep.source;
    const another = !before || before.key !== sweep.key;
    if (another) [this.pick, this.when] = [null, null];
    if (sweep.kind !== this.kind || this.chosen[sweep.kind] !== sweep.choice) {
      this.chosen[sweep.kind] = sweep.choice;
      this.turn(sweep.kind, false);
    }
    const last = sweep.columns.findLast((column) => !column.error);
    // While it grows, the newest value is looked at, until the visitor has chosen.
    if (last && !this.pick?.chosen) this.pick = { index: last.index, member: last.middle };
    write(this.part('trouble'), sweep.error ?? '');
    write(this.part('said'), sweep.said);
    this.draw();
    if (this.pick) this.showMember();
    else this.member.tell('empty');
  }

  told(news) {
    if (news.status !== undefined && !this.runs.waitsFor(news.press)) return;
    if (news.status !== undefined) write(this.part('status'), news.status);
    if (news.running !== undefined) this.root.dataset.running = news.running;
    if (news.running === false) this.runs.end();
    this.own.tell(news);
  }

  // What a sweep of what stands in the boxes costs: it belongs to no run.
  cost(news) {
    this.own.tell(news);
  }

  network(news) {
    this.member.receive(news);
  }

  // One setting or two.
  turn(kind, tell = true) {
    const another = kind !== this.kind;
    this.root.dataset.kind = kind;
    for (const button of this.root.querySelectorAll('button[data-kind]')) {
      button.setAttribute('aria-pressed', String(button.dataset.kind === kind));
    }
    this.part('measures').hidden = kind === 'two';
    write(this.part('title'), HEADINGS[kind]);
    this.axes.show(kind, this.chosen[kind]);
    const pair = this.settings.pairs.find(({ key }) => key === this.chosen.two);
    if (kind === 'one') this.own.choose(this.chosen.one, null);
    else this.own.choose(pair?.over ?? this.sweep.over, pair?.and_over ?? this.sweep.and_over);
    if (tell && another) this.choose(this.chosen[kind]);
  }

  choose(key) {
    this.chosen[this.kind] = key;
    this.awaited = key;
    this.turn(this.kind, false);
    for (const presses of [this.runs, this.picks]) presses.leave();
    ask('choose', { kind: this.kind, key });
    this.trigger('choose');
  }

  weigh() {
    ask('weigh', { own: this.own.asked() });
    this.trigger('weigh');
  }

  run() {
    if (this.runs.open) return;
    this.awaited = null;
    const press = this.runs.begin();
    this.told({ ...press, status: 'Starting…', running: true });
    this.trigger('compute', { own: this.own.asked(), ...press });
  }

  stop() {
    this.runs.leave();
    this.told({ status: STOPPED, running: false });
  }

  column() {
    return this.pick && this.sweep?.columns.find(({ index }) => index === this.pick.index);
  }

  // member: null is the middle one.
  choosePick({ index, member }) {
    const { middle } = this.sweep.columns.find((column) => column.index === index);
    this.pick = { index, member: member ?? middle, chosen: true };
    const { pick } = this;
    this.board.ring(pick);
    this.showMember();
  }

  showMember() {
    const column = this.column();
    if (column && !column.error) {
      this.member.show(column, this.pick.member, this.sweep.members, this.sweep.unseen);
    }
    this.board.ring(this.pick);
  }

  // The network that was picked is trained again.
  again() {
    const column = this.column();
    if (!column || column.error) return;
    this.pick.chosen = true;
    const { member } = this.pick;
    const recorded = Object.fromEntries(['train', 'test', 'fresh'].map((part) =>
      [part, column.accuracy[part][member] ?? null]));
    this.trigger('pick', { asked: this.member.wait(), config: this.sweep.config,
      index: column.index, member, recorded, ...this.picks.begin() });
  }

  // With the arrow keys: to another value, or to the next better or worse network of this one.
  step(key) {
    const column = this.column();
    if (!column) return null;
    if (this.sweep.kind === 'two') return this.stepCell(key); // what is drawn may be the one before
    const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (along) {
      const known = this.sweep.columns.filter((one) => !one.error);
      const next = known[known.indexOf(column) + along];
      return next && { index: next.index, member: next.ranks[Math.min(next.ranks.length - 1,
        column.ranks.indexOf(this.pick.member))] };
    }
    const rank = column.ranks.indexOf(this.pick.member);
    const to = { ArrowUp: rank + 1, ArrowDown: rank - 1, Home: 0, End: column.ranks.length - 1 };
    return key in to && column.ranks[to[key]] !== undefined
      ? { index: column.index, member: column.ranks[to[key]] } : null;
  }

  stepCell(key) {
    const wide = this.sweep.and_values.length;
    const move = { ArrowLeft: -wide, ArrowRight: wide, ArrowUp: 1, ArrowDown: -1 }[key];
    const { index } = this.pick;
    if (!move || (Math.abs(move) === 1 && Math.floor(index / wide)
      !== Math.floor((index + move) / wide))) return null;
    const next = this.sweep.columns.find((one) => one.index === index + move && !one.error);
    return next ? { index: next.index, member: next.middle } : null;
  }

  describe(place) {
    const column = this.sweep.columns.find(({ index }) => index === place.index);
    if (this.sweep.kind === 'two') {
      const { cells } = this.sweep.moments[this.when ?? this.sweep.moments.length - 1];
      return `${column.label}: ${cells[place.index].said}`;
    }
    const { value } = place;
    const said = this.measure === 'accuracy' ? `${(100 * value).toFixed(1)} %`
      : Number(value?.toPrecision(3) ?? NaN);
    return `${column.label}, network ${place.member + 1}: ${place.set} `
      + `${value === null ? 'infinite' : said}`;
  }

  draw() {
    const { sweep, measure } = this;
    for (const button of this.root.querySelectorAll('[data-measure]')) {
      button.setAttribute('aria-pressed', String(button.dataset.measure === measure));
    }
    if (!sweep || sweep.kind !== this.kind || !this.part('board').clientWidth) return;
    const two = sweep.kind === 'two';
    const moments = two ? sweep.moments : [];
    const when = Math.min(this.when ?? Infinity, moments.length - 1);
    this.part('epochs').hidden = moments.length < 2;
    this.caption(two ? sweep.caption : sweep.captions[measure]);
    if (two && !moments.length) this.part('board').replaceChildren();
    else {
      this.board.show(two ? drawHeat(this.part('board'), sweep, when)
        : drawDots(this.part('board'), sweep, measure), two ? sweep.hint : sweep.hints[measure]);
    }
    tellLegend(this.part('legend'), sweep, two ? null : measure);
    if (moments.length) this.tellMoment(moments, when);
    this.conclude(two && when < moments.length - 1 ? [moments[when].said]
      : sweep.findings[two ? 'accuracy' : measure]);
    this.board.ring(this.pick);
  }

  caption(text) {
    if (this.part('caption').textContent === text) return;
    this.part('caption').replaceChildren(...text.split(/(worlds?)/).map((part, i) =>
      (i % 2 ? explained('capstone', 'world', part) : part)));
  }

  tellMoment(moments, when) {
    const slider = this.part('when');
    slider.max = moments.length - 1;
    slider.value = when;
    slider.style.setProperty('--done', `${(100 * when) / Math.max(1, moments.length - 1)}%`);
    const text = moments[when].epoch.toLocaleString('en');
    slider.setAttribute('aria-valuetext', `epoch ${text}`);
    write(this.part('when-text'), text);
  }

  // The first sentences lead; the rest opens. What can't be told is marked where it is said.
  conclude(findings) {
    const told = JSON.stringify(findings);
    if (this.concluded === told) return;
    this.concluded = told;
    const marked = (text) => text.replaceAll(' %', '\u00a0%')
      .split(/((?:can.t|cannot) (?:be told|tell))/).map((part, i) =>
        (i % 2 ? node('span', { class: 'chip' }, explained('capstone', 'can’t tell', part))
          : part));
    const said = findings.map((text) => node('p', {}, ...marked(text)));
    const rest = said.splice(LEADING);
    const more = rest.length ? [node('details', { class: 'more' },
      node('summary', {}, 'What else it shows'), ...rest)] : [];
    this.part('findings').replaceChildren(...said, ...more);
  }
}
