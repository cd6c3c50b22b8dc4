// The buttons of a run: Reset, Play and Pause, Step, New start, speed, and the epoch that is shown.
import { partsOf, write } from '../../page/dom.js';
import { count } from '../words.js';

export const SPEEDS = [['1×', 6], ['4×', 24], ['16×', 96], ['max', null]]; // epochs a second

export class Transport {
  // act: {reset, play, step, anew, speed}
  constructor(root, act) {
    this.part = partsOf(root);
    for (const name of ['reset', 'play', 'step', 'anew', 'speed']) {
      this.part(name).addEventListener('click', () => act[name]());
    }
  }

  // now: {playing, epoch, reached, speed, waiting, note}
  draw({ playing, epoch, reached, speed }) {
    const play = this.part('play');
    play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    play.dataset.playing = playing;
    write(this.part('speed'), SPEEDS[speed][0]);
    this.part('speed').setAttribute('aria-label', `Speed: ${SPEEDS[speed][0]}`);
    write(this.part('epoch'), count(epoch));
    write(this.part('reached'), epoch < reached ? `of ${count(reached)}` : '');
  }
}
