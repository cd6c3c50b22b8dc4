// What leaves the page or outlives it: the address, links, files, the script, runs to compare.
import { download } from '../../charts/save.js';
import { keepRuns } from '../../film/shelf.js';
import { node } from '../../page/dom.js';
import { saveFigure } from '../pictures/export.js';
import { count } from '../words.js';
import { ownQuery, placeToShare, tellOuter } from '../window/hub_frame.js';
import { keptRun } from './sprites.js';

const RAN = 'playground-ran';
const PATHS = /^(dataset|network|training)\.|^hide$/;

// A place with a query of settings; what else the page's query holds stays.
function addressWith(query, place, search) {
  const others = search.replace(/^\?/, '').split('&')
    .filter((pair) => pair && !PATHS.test(pair.split('=')[0]));
  const all = [query, ...others].filter(Boolean).join('&');
  return `${place}${all ? `?${all}` : ''}`;
}

export class Keeping {
  constructor(stage) {
    this.stage = stage;
    const { part } = stage;
    const on = (name, act) => part(name).addEventListener('click', act);
    on('copy', () => this.copy());
    on('keep', () => this.keep());
    on('png', () => this.figure('png'));
    on('svg', () => this.figure('svg'));
    on('weights', () => this.weights());
    on('script', () => this.script());
    on('copy-code', () => navigator.clipboard?.writeText(this.code).catch(() => {}));
    on('file', () => document.querySelector('#points-file')?.click());
    this.hides = Object.entries(stage.settings.sections).map(([key, name]) => {
      const box = node('input', { type: 'checkbox', value: key });
      part('hides').append(node('label', {}, box, name));
      return box;
    });
  }

  // ran: whether the address is that of a run, to be run again where the page is opened anew.
  address(query, ran = false) {
    const { origin, pathname, search, hash } = window.location;
    window.history.replaceState(window.history.state, '',
      addressWith(query, `${origin}${pathname}`, search) + hash);
    tellOuter();
    try {
      sessionStorage.setItem(RAN, ran ? window.location.search : '');
    } catch { /* a browser that keeps nothing */ }
  }

  ran() {
    try {
      return sessionStorage.getItem(RAN) === window.location.search;
    } catch {
      return false;
    }
  }

  // The epoch that a link names: its run pauses there, so that its numbers are the same.
  until(config) {
    const named = new URLSearchParams(window.location.search).has('training.epochs');
    return named ? config.training.epochs : null;
  }

  hide(sections) {
    this.stage.root.dataset.hidden = sections.join(' ');
    for (const box of this.hides) box.checked = sections.includes(box.value);
  }

  ask(kind, about = {}) {
    const { server, board, playing, draft } = this.stage;
    return server.ask(kind, { config: board.config, ran: playing.reached > 0 && !draft, ...about });
  }

  async copy() {
    const hide = this.hides.filter((box) => box.checked).map((box) => box.value);
    const { query } = await this.ask('look', { hide, preview: false });
    const link = addressWith(query ?? '', placeToShare(this.stage.settings.space),
      ownQuery(window.location.search));
    const field = this.stage.part('link');
    field.value = link;
    field.hidden = false;
    field.select();
    navigator.clipboard?.writeText(link).then(() => this.stage.tell('The link is copied.'))
      .catch(() => {});
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
    else {
      const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
      download(new Blob([bytes]), 'playground.safetensors');
    }
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
