// The run that is shown, and how it moves: a server that trains, a film that plays, or neither.
import { Film } from './film.js';
import { SPEEDS } from './transport.js';

const TICK = 33; // milliseconds a moment
const LATE = 3000; // milliseconds after which a pause is not waited for
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

export class Playing {
  // changed(): something is to be drawn; press(action, about): something is to be trained.
  constructor({ changed, press, ended }) {
    Object.assign(this, { changed, press, ended });
    this.film = null;
    this.at = 0; // of the moments
    this.training = false; // by the server
    this.rolling = false; // through moments that are there
    this.speed = 1;
    this.follows = true; // the newest is shown
    this.presses = 0; // to play
    this.run = null; // its name, from the first press on
    this.settling = null; // {promise, resolve} from a pause until the whole of the run is there
  }

  get busy() {
    return this.training || this.rolling;
  }

  get moment() {
    return this.film?.moments[this.at];
  }

  get reached() {
    return this.film?.reached ?? 0;
  }

  // Another film, at rest; what the run before still says is not heard.
  show(film) {
    Object.assign(this, { film, run: null, training: false, rolling: false, after: false });
    this.at = Math.max(0, film.moments.length - 1);
    this.follows = true;
    this.changed();
  }

  // A message about the run.
  async take(message) {
    const [news] = message.stages;
    const rests = ['paused', 'done'].includes(message.state);
    if (rests) setTimeout(() => this.settle());
    if (message.run !== this.run) return; // of a run that was left
    if (!this.training && !message.state && !news.changes) return; // on its way at the pause
    if (news.start) await this.whole(message, news);
    else await this.film.take(news);
    if (message.run !== this.run) return; // of one that was left meanwhile
    if (this.film.moments.length && this.follows && (calm.matches || message.jump)) {
      this.at = this.film.moments.length - 1;
    }
    if (message.state === 'running') this.training = true;
    if (rests) {
      this.training = false;
      if (this.follows) this.at = this.film.moments.length - 1;
      this.ended(message);
    }
    this.roll();
    this.changed();
  }

  // All of the run anew: what is shown of it stays where it is.
  async whole(message, news) {
    const film = await Film.begin(news.start);
    film.number = message.run;
    film.config = this.film?.config;
    await film.take(news);
    if (message.run !== this.run) return;
    const key = this.film?.number === message.run ? this.moment?.key : null;
    this.film = film;
    this.at = key === null || key === undefined ? 0 : film.indexAt(key);
    if (key === null) this.follows = true;
  }

  // From an earlier moment the film plays first; then training goes on.
  play() {
    if (!this.film) return;
    this.follows = true;
    if (this.at < this.film.moments.length - 1 && !calm.matches) {
      this.rolling = true;
      this.after = true;
      this.roll();
    } else this.train();
    this.changed();
  }

  train() {
    this.at = Math.max(0, this.film.moments.length - 1);
    this.training = true;
    this.send();
  }

  // The newest press takes the place of those before.
  send() {
    this.presses += 1;
    this.press('play', { speed: SPEEDS[this.speed][1], press: this.presses });
  }

  pause() {
    const trained = this.training;
    this.training = false;
    this.rolling = false;
    this.after = false;
    if (trained) {
      this.settling ??= Promise.withResolvers();
      this.press('halt', { press: this.presses });
    }
    this.changed();
  }

  // Resolves when all of a paused run is there.
  async settled() {
    const late = new Promise((resolve) => { setTimeout(resolve, LATE); });
    await Promise.race([this.settling?.promise, late]);
  }

  settle() {
    this.settling?.resolve();
    this.settling = null;
  }

  seek(at) {
    if (this.busy) this.pause();
    this.at = Math.min(this.film.moments.length - 1, Math.max(0, at));
    this.follows = this.at === this.film.moments.length - 1;
    this.changed();
  }

  // Shows one moment after the other, as long as there are more.
  roll() {
    if (this.ticking) return;
    this.ticking = true;
    let before = performance.now() - TICK;
    const step = (now) => {
      const last = (this.film?.moments.length ?? 0) - 1;
      const moves = (this.training || this.rolling) && this.at < last && this.follows;
      if (!moves) {
        this.ticking = false;
        if (this.rolling) this.rolled();
        return;
      }
      if (now - before >= TICK - 2) {
        before = Math.max(before + TICK, now - TICK); // a late picture does not delay the others
        // What is far behind the newest would never catch up.
        this.at += this.training ? Math.max(1, Math.floor((last - this.at) / 8)) : 1;
        this.changed();
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  rolled() {
    this.rolling = false;
    if (this.after) this.train();
    this.after = false;
    this.changed();
  }
}
