// What of a run is kept or exported: files of its picture and its weights, its script, runs to
// compare.
import { download } from '../../charts/save.js';
import { keepRuns } from '../../film/shelf.js';
import { toBytes } from '../../page/bytes.js';
import { saveFigure } from '../pictures/export.js';
import { count } from '../words.js';
import { keptRun } from './sprites.js';

export class Keeping {
  constructor(stage) {
    this.stage = stage;
    const { part } = stage;
    const on = (name, act) => part(name).addEventListener('click', act);
    on('keep', () => this.keep());
    on('png', () => this.figure('png'));
    on('svg', () => this.figure('svg'));
    on('weights', () => this.weights());
    on('script', () => this.script());
    on('copy-code', () => navigator.clipboard?.writeText(this.code).catch(() => {}));
  }

  ask(kind, about = {}) {
    const { server, board, playing, draft } = this.stage;
    return server.ask(kind, { config: board.config, ran: playing.reached > 0 && !draft, ...about });
  }

  async keep() {
    await this.stage.playing.settled();
    keepRuns([keptRun(this.stage.shown)]);
    this.stage.tell('Kept: “Compare two runs” below shows it beside another.');
  }

  figure(kind) {
    const { picture, curves, shown, colours, playing } = this.stage;
    const settings = Object.entries(shown.start.settings ?? {}).map(([k, v]) => `${k}: ${v}`);
    const lines = [];
    for (let i = 0; i < settings.length; i += 4) lines.push(settings.slice(i, i + 4).join(', '));
    saveFigure(picture, curves, { film: shown, colours, lines,
      title: `${shown.start.title}, epoch ${count(playing.moment.epoch)}` }, kind);
  }

  async weights() {
    const { weights, wrong } = await this.ask('weights');
    if (wrong) this.stage.tell(Object.values(wrong).join(' '), true);
    else download(new Blob([toBytes(weights)]), 'playground.safetensors');
  }

  async script() {
    const { part } = this.stage;
    const box = part('code');
    box.hidden = !box.hidden;
    part('script').setAttribute('aria-expanded', !box.hidden);
    if (box.hidden) return;
    const { code, wrong } = await this.ask('code');
    this.code = code ?? Object.values(wrong).join(' ');
    box.querySelector('pre').textContent = this.code;
  }
}
