// Settings that come from an exercise. The visitor's own wait, with how far they were trained, for
// the way back; a reload does not lose them.
import { withValue } from '../settings/config.js';

const KEPT = 'playground-mine';
const MOST = 5;

export class Borrowed {
  constructor(stage) {
    this.stage = stage;
    this.own = recalled();
    this.taken = ''; // what was taken last, as text
    this.button = stage.part('exercise-back');
    this.button.addEventListener('click', () => this.back());
    window.addEventListener('playground-config', ({ detail }) => this.take(detail));
    window.addEventListener('playground-present', ({ detail }) => {
      detail.present = this.present();
    });
    this.keep();
  }

  // play: to where the config ends.
  async take({ config, play = false }) {
    const { stage } = this;
    stage.playing.pause();
    const now = await this.present();
    // What was taken before and left as it was is nobody's own.
    if (essence(now.config) !== this.taken) this.own = [...this.own, now].slice(-MOST);
    this.taken = essence(config);
    this.keep();
    await this.lay({ config, ran: play });
    stage.tell('These are the lesson’s settings. Yours are kept: “Back to mine”.');
  }

  async back() {
    const last = this.own.pop();
    if (!last) return;
    this.taken = '';
    this.keep();
    await this.lay(last);
  }

  lay({ config, ran }) {
    const { stage } = this;
    stage.playing.pause();
    stage.place = null;
    stage.until = ran ? config.training.epochs : null;
    stage.board.take(config);
    return stage.look({ over: true, play: Boolean(ran) });
  }

  // All settings as they are; of a run, its epochs and what was changed on the way.
  async present() {
    const { board, playing, draft, keeping } = this.stage;
    const ran = playing.reached > 0 && !draft;
    if (!ran) return { config: board.config, ran };
    await playing.settled();
    const { config } = await keeping.ask('look', { preview: false });
    return { config: config ?? board.config, ran: Boolean(config) };
  }

  keep() {
    this.button.hidden = !this.own.length;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(this.own));
    } catch { /* a browser that keeps nothing */ }
  }
}

// Settings without how far a run of them went.
function essence(config) {
  return JSON.stringify(withValue(config, 'training.epochs', null));
}

function recalled() {
  try {
    const own = JSON.parse(sessionStorage.getItem(KEPT));
    return Array.isArray(own) && own.every((one) => one?.config?.training) ? own : [];
  } catch {
    return [];
  }
}
