// The playground: settings, a network, its picture, and a run that goes on while it is looked at.
import { partsOf, write } from '../page/dom.js';
import { explainMarked } from '../page/gloss.js';
import { fetchLater } from '../page/later.js';
import { watchWords } from '../page/words.js';
import { Sheet } from './data/canvas.js';
import { MOST, OwnPoints } from './data/own_points.js';
import { Thumbs } from './data/thumbs.js';
import { Borrowed } from './exercises/borrowed.js';
import { Diagram } from './network/diagram.js';
import { readColours } from './pictures/colours.js';
import { Picture } from './pictures/picture.js';
import { Curves } from './run/curves.js';
import { Film } from './run/film.js';
import { Keeping } from './run/keeping.js';
import { Playing } from './run/playing.js';
import { Address, namesSettings } from './window/address.js';
import { followLayout } from './window/layout.js';
import { followPresence } from './window/presence.js';
import { EarlyPresses } from './run/early_presses.js';
import { Reading } from './run/reading.js';
import { Server } from './run/server.js';
import { Slot } from './results/slot.js';
import { followTabs } from './window/tabs.js';
import { SPEEDS, Transport } from './run/transport.js';
import { Board } from './settings/board.js';
import { differing, liveChanges, nameChange } from './settings/config.js';
import { Views } from './views.js';
import { count, spoken } from './words.js';

const READ_EVERY = 100; // milliseconds

export function start({ element, props, trigger, early }, settings) {
  const stage = new Stage(element.querySelector('.playground'), trigger, settings);
  for (const text of early.splice(0)) stage.receive(text);
  stage.answered(props.answer);
  return () => {
    stage.receive(props.value);
    stage.answered(props.answer);
  };
}

class Stage {
  constructor(root, trigger, settings) {
    this.root = root;
    this.part = partsOf(root);
    this.settings = settings;
    this.server = new Server(trigger, namesSettings(window.location.search));
    this.reading = Promise.resolve(); // messages are read one after the other
    this.draft = null; // what the settings would give, beside a run of others
    this.place = null; // asked about
    this.readAt = 0; // when numbers were last written
    Object.assign(this, { wrong: false, also: [] }); // also: to be told with the next answer
    this.until = null; // where a run of a link pauses
    this.playing = new Playing({ changed: () => this.draw(),
      press: (action, about) => this.press(action, about), ended: (told) => this.ended(told) });
    this.presses = new EarlyPresses({ play: () => this.play(), step: () => this.step() });
    this.board = new Board(root, settings, () => this.change());
    this.own = new OwnPoints(settings.sets.points.points);
    this.build();
    this.listen();
  }

  build() {
    const { part, playing } = this;
    this.picture = new Picture(part('picture'));
    this.diagram = new Diagram(this.root, { feature: (name) => this.board.feature(name),
      widths: (widths) => this.board.set({ 'network.widths': widths }) });
    this.curves = new Curves(part('curves'), {
      seek: (epoch) => !this.draft && playing.seek(playing.film.indexAt(epoch + 0.9)),
      step: (by) => !this.draft && playing.seek(playing.at + by) });
    this.slot = new Slot(part('slot'), () => this.ask(null));
    this.transport = new Transport(this.root, { reset: () => this.reset(),
      play: () => this.play(), step: () => this.step(), anew: () => this.anew(),
      speed: () => this.faster() });
    this.thumbs = new Thumbs(part('thumbs'), this.settings, (name) => this.choose(name));
    this.sheet = new Sheet(part('picture'), part('tools'), this.own, {
      act: { ask: (place) => this.ask(place), forget: () => this.ask(null),
        drawn: () => this.drawn(), sketched: () => this.draw(), toggle: () => this.play() },
      see: () => ({ extent: this.shown?.start.extent ?? [-6, 6, -6, 6],
        points: this.shown?.points ?? [], view: this.views.show.view,
        own: this.board.config.dataset.name === 'points' }) });
    this.views = new Views(this.root, () => this.draw());
    this.keeping = new Keeping(this);
    this.address = new Address(this);
    this.borrowed = new Borrowed(this);
    explainMarked(this.root, 'playground');
    for (const name of ['exercise-body', 'slot']) watchWords(part(name), 'playground');
    followTabs(() => this.address.restore());
  }

  listen() {
    this.part('again').addEventListener('click', () => this.play());
    followLayout(this);
    followPresence(this);
    this.part('file').addEventListener('click',
      () => document.querySelector('#points-file')?.click());
    window.addEventListener('playground-points', ({ detail }) => {
      this.own.replace(detail.points, detail.names);
      const all = detail.points.length;
      if (all > MOST) this.also.push(`Of ${count(all)} points the first ${count(MOST)} are taken.`);
      this.choose('points');
    });
  }

  // What the picture shows; what the network shows.
  get shown() {
    return this.playing.film;
  }

  // Settings.

  change() {
    const [film, { config }] = [this.shown, this.board];
    const begun = this.playing.reached > 0;
    const anew = film && differing(film.config, config).length > 0;
    if (begun && !this.draft && !anew && this.alter()) return;
    if (anew && (begun || this.playing.busy)) this.playing.pause();
    this.look();
  }

  // Tells the run that is shown what it takes while it goes on. Gives whether there is anything.
  alter() {
    const [film, { config }] = [this.shown, this.board];
    const changed = liveChanges(film.config, config);
    if (!Object.keys(changed).length) return false;
    this.accepted ??= film.config;
    film.config = config;
    for (const path of Object.keys(changed)) this.board.moved.add(path);
    this.board.show();
    this.press('alter', { values: changed });
    return true;
  }

  // Asks what the settings give. `over`: at once, whatever run is shown.
  async look({ preview = true, over = false, play = false } = {}) {
    const asked = this.server.number + 1;
    this.presses.wait(asked);
    const { config } = this.board;
    const answer = await this.server.ask('look', { config, preview });
    if (this.presses.waitsFor !== asked) return;
    this.judge(answer);
    if (!answer.wrong) {
      this.board.config = answer.config; // as Python writes it: without what is usual
      this.address.show(answer.query);
      if (answer.preview) await this.preview(answer, over);
      if (this.presses.waitsFor !== asked) return;
      if (play) this.playing.train();
    }
    this.presses.done(asked);
  }

  judge({ wrong, told }) {
    const rest = this.board.complain(wrong ?? {});
    this.wrong = Boolean(wrong);
    const text = rest.map(([, problem]) => problem).join(' ');
    this.tell(wrong ? text : told ?? this.also.splice(0).join(' '), Boolean(wrong));
  }

  tell(text, alarm = false) {
    write(this.part('told'), text);
    this.part('told').classList.toggle('alarm', alarm);
  }

  async preview({ preview, config }, over) {
    const [news] = preview.stages;
    const film = await Film.begin(news.start);
    film.number = preview.run;
    film.config = config;
    await film.take(news);
    const begun = !over && this.playing.reached > 0;
    if (begun && differing(this.shown.config, this.board.config).length) {
      this.draft = film;
      this.playing.pause();
    } else {
      this.draft = null;
      if (begun) this.alter(); // back at the run, with what was set meanwhile
      else this.open(film);
    }
    this.draw();
  }

  open(film) {
    this.draft = null;
    this.board.moved.clear();
    this.board.show();
    this.playing.show(film);
    const { x, y } = this.place ?? {}; // where there may be a point still
    if (this.place) this.ask(film.points.find((one) => one.x === x && one.y === y) ?? { x, y });
  }

  choose(name) {
    if (name === this.board.config.dataset.name && name !== 'points') return;
    this.place = null;
    this.board.choose(name, this.own.dataset);
    if (name === 'points') this.sheet.tool = 'draw';
    this.sheet.show();
  }

  drawn() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.takeOwn(), 150);
    this.draw();
  }

  takeOwn() {
    clearTimeout(this.soon);
    this.soon = null;
    this.board.ownPoints(this.own.dataset);
  }

  // The run.

  press(action, about = {}) {
    const { playing, board: { config } } = this;
    playing.run ??= `${Date.now()}-${Math.random()}`;
    this.server.press(action, { config, until: this.until, run: playing.run, ...about });
  }

  play() {
    if (this.playing.busy) {
      this.playing.pause();
      return;
    }
    if (this.soon) this.takeOwn();
    if (this.presses.keep('play')) return;
    if (this.wrong) this.tell('A setting has to be mended first.', true);
    else if (this.draft) {
      this.open(this.draft);
      this.playing.train();
    } else this.playing.play();
  }

  step() {
    if (this.soon) this.takeOwn();
    if (this.presses.keep('step') || this.wrong) return;
    if (this.draft) this.open(this.draft);
    if (this.playing.busy) this.playing.pause();
    const { film, at } = this.playing;
    if (at < film.moments.length - 1) this.playing.seek(at + 1);
    else {
      this.press('step');
      this.presses.wait('step');
    }
  }

  reset() {
    this.playing.pause();
    this.presses.forget();
    this.until = null;
    this.look({ over: true });
  }

  anew() {
    const playing = this.playing.busy;
    this.playing.pause();
    this.presses.forget();
    this.until = null;
    const { training } = this.board.config;
    this.board.config = { ...this.board.config, training: { ...training,
      seed: (training.seed + 1) % 2 ** 31 } };
    this.board.show();
    this.look({ over: true, play: playing });
  }

  faster() {
    this.playing.speed = (this.playing.speed + 1) % SPEEDS.length;
    if (this.playing.training) this.playing.send();
    this.draw();
  }

  receive(text) {
    if (!text || text === this.last) return;
    this.last = text;
    const message = JSON.parse(text);
    this.reading = this.reading.then(() => this.playing.take(message)).then(() => {
      if (message.run !== this.playing.run) return;
      if (message.query !== undefined) {
        this.accepted = null;
        // What was chosen since has an address of its own.
        const { config } = this.board;
        if (!differing(this.shown.config, config).length) this.address.show(message.query, true);
      }
      if (['paused', 'done'].includes(message.state)) this.presses.done('step');
    }).catch(reportError);
  }

  answered(text) {
    const answer = this.server.receive(text);
    if (!answer) return;
    this.reading = this.reading.then(() => this.opened(answer)).catch(reportError);
  }

  // What Python says unasked: how the page opens, or what is wrong with a run.
  async opened(answer) {
    if (answer.built && namesSettings(window.location.search)) return;
    if (answer.config) {
      this.board.take(answer.config);
      const { name, points, class_names: names } = answer.config.dataset;
      if (name === 'points') this.own.replace(points, names);
      this.address.hide(answer.hidden ?? []);
      this.until = this.address.until(answer.config);
    }
    if (answer.refused) { // a change of a run that goes on as it was
      this.shown.config = this.accepted ?? this.shown.config;
    } else if (answer.wrong) {
      this.playing.training = false;
      if (!this.playing.reached) this.playing.run = null;
    }
    this.accepted = null;
    this.judge(answer);
    if (answer.preview) await this.preview(answer, true);
    this.draw();
    fetchLater(this.settings.later.splice(0));
    if (answer.wrong) this.presses.done('step');
    if (!answer.preview) return;
    if (this.until && !this.presses.kept.length && this.address.ran()) this.playing.train();
    this.presses.done('opening');
  }

  ended({ ended }) {
    this.tell(ended ?? '');
    this.until = null;
  }

  ask(place) {
    this.place = place;
    this.draw();
    const asked = place && this.shown ? this.readingOf(this.shown).at(place) : null;
    write(this.part('spoken'), asked ? spoken(this.shown, place, asked) : '');
  }

  // Drawing.

  readingOf(film) {
    const moment = film === this.shown ? this.playing.moment : film.moments.at(-1);
    const rest = !this.playing.busy;
    const { known } = film; // only the last: each holds the values of every unit
    if (known?.moment !== moment || (rest && !known.fine)) {
      film.known = { moment, fine: rest, reading: new Reading(film, moment, rest) };
    }
    return film.known.reading;
  }

  draw() {
    if (this.drawing || !this.shown?.moments.length) return;
    this.drawing = true;
    requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.drawing = false;
    const began = performance.now();
    if (!this.part('picture').clientWidth) return;
    this.colours ??= readColours(this.root);
    const { playing, draft, colours, board } = this;
    const reading = this.readingOf(this.shown);
    const asked = this.place && !draft ? reading.at(this.place) : null;
    this.views.draw(this.picture, { reading, colours, place: draft ? null : this.place,
      own: this.ownShown() });
    // Lines and numbers follow at the pace of eyes that read.
    const fleeting = playing.busy && began - this.readAt < READ_EVERY;
    if (!fleeting) this.readAt = began;
    this.diagram.draw({ reading: draft ? this.readingOf(draft) : reading, config: board.config,
      colours, asked, rest: !playing.busy, fleeting });
    this.curves.draw(this.shown, playing.moment, this.shown.changes.map(nameChange));
    if (!fleeting) this.slot.draw({ reading, asked, place: this.place });
    this.transport.draw({ playing: playing.busy, epoch: playing.moment.epoch,
      reached: playing.reached, speed: playing.speed });
    const data = draft ?? this.shown;
    this.thumbs.draw(board.config.dataset.name, data.points, data.start.extent,
      this.own.points, colours);
    this.sheet.show();
    this.stale();
    Object.assign(this.root.dataset, { epoch: playing.moment.epoch, reached: playing.reached,
      moments: this.shown.moments.length, drawMs: (performance.now() - began).toFixed(1),
      phase: draft ? 'stale' : playing.training ? 'training' : playing.rolling ? 'replaying'
        : playing.reached ? 'paused' : 'ready' });
  }

  // Own points as they are drawn, where the picture shows others.
  ownShown() {
    if (this.board.config.dataset.name !== 'points') return null;
    const { config } = this.shown;
    return config.dataset.name === 'points'
      && config.dataset.points.length === this.own.points.length
      && JSON.stringify(config.dataset.points) === JSON.stringify(this.own.points)
      ? null : this.own.points;
  }

  stale() {
    const { draft } = this;
    this.root.toggleAttribute('data-stale', Boolean(draft));
    this.part('stale').hidden = !draft;
    if (!draft) return;
    const told = this.board.differences(this.shown.config).map(([name, before, after]) =>
      (before ? `${name} ${before} → ${after}` : `${name} ${after}`.trim())).join(', ');
    write(this.part('differs'), told);
  }
}
