// The settings in the page's address: what it shows, the link to copy, what a link hides or runs,
// and the way Back.
import { node } from '../../page/dom.js';
import { differing, liveChanges } from '../settings/config.js';
import { ownQuery, placeToShare, tellOuter } from './hub_frame.js';

const RAN = 'playground-ran';
const PATHS = /^(dataset|network|training)\.|^hide$/;

// Whether a link has settings of its own: the page waits for what Python makes of them.
export function namesSettings(search) {
  return [...new URLSearchParams(search).keys()].some((key) => PATHS.test(key));
}

// A place with a query of settings; what else the page's query holds stays.
function addressWith(query, place, search) {
  const others = search.replace(/^\?/, '').split('&')
    .filter((pair) => pair && !PATHS.test(pair.split('=')[0]));
  const all = [query, ...others].filter(Boolean).join('&');
  return `${place}${all ? `?${all}` : ''}`;
}

export class Address {
  constructor(stage) {
    this.stage = stage;
    const { part } = stage;
    part('copy').addEventListener('click', () => this.copy());
    this.hides = Object.entries(stage.settings.sections).map(([key, name]) => {
      const box = node('input', { type: 'checkbox', value: key });
      part('hides').append(node('label', {}, box, name));
      return box;
    });
  }

  // ran: whether the address is that of a run, to be run again where the page is opened anew.
  show(query, ran = false) {
    const { origin, pathname, search, hash } = window.location;
    const { hidden } = this.stage.root.dataset; // by a teacher, who wants it out of the way
    const hide = hidden && `hide=${hidden.replaceAll(' ', ',')}`;
    window.history.replaceState(window.history.state, '',
      addressWith([query, hide].filter(Boolean).join('&'), `${origin}${pathname}`, search) + hash);
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

  async copy() {
    const hide = this.hides.filter((box) => box.checked).map((box) => box.value);
    const { query } = await this.stage.keeping.ask('look', { hide, preview: false });
    const link = addressWith(query ?? '', placeToShare(this.stage.settings.space),
      ownQuery(window.location.search));
    const field = this.stage.part('link');
    field.value = link;
    field.hidden = false;
    field.select();
    navigator.clipboard?.writeText(link).then(() => this.stage.tell('The link is copied.'))
      .catch(() => {});
  }

  // The settings of the address, where the browser went back to it.
  async restore() {
    const { stage } = this;
    const { search } = window.location;
    const { config, preview } = await stage.server.ask('link', { search });
    if (!config || !(differing(config, stage.board.config).length
      || Object.keys(liveChanges(config, stage.board.config)).length)) return;
    stage.playing.pause();
    stage.until = this.until(config);
    stage.board.take(config);
    await stage.preview({ config, preview }, true);
  }
}
