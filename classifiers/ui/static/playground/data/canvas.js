// The big picture as a sheet to draw points on, and as a place to ask: by mouse, touch and keys, of
// which Space plays the run.
import { node } from '../../page/dom.js';
import { LETTERS } from '../pictures/colours.js';
import { count } from '../words.js';
import { MOST } from './own_points.js';

const REACH = 14; // pixels of the page
const SPRAY = 26;

export class Sheet {
  // act: {ask(place), forget(), drawn(), toggle()}; see(): {extent, points, own, view}
  constructor(box, tools, own, { act, see }) {
    Object.assign(this, { box, tools, own, act, see });
    this.tool = 'ask';
    this.label = 0;
    this.cursor = null; // of the keyboard
    this.build();
    box.addEventListener('pointerdown', (event) => this.down(event));
    box.addEventListener('pointermove', (event) => this.moved(event));
    for (const name of ['pointerup', 'pointercancel']) {
      box.addEventListener(name, () => this.up());
    }
    box.addEventListener('keydown', (event) => this.key(event));
  }

  build() {
    const button = (name, text, press, title = text) => {
      const made = node('button', { type: 'button', 'data-tool': name, title }, text);
      made.addEventListener('click', () => {
        press();
        this.show();
      });
      return made;
    };
    const choose = (tool, label = this.label) => () => Object.assign(this, { tool, label });
    this.pens = [...LETTERS].map((letter, k) => {
      const pen = button(`pen-${letter}`, letter, choose('draw', k), `Draw points of ${letter}`);
      pen.prepend(node('i', { class: 'dot', style: `--own:var(--class-${letter})` }));
      pen.setAttribute('aria-label', `Draw points of class ${letter}`);
      return pen;
    });
    const turn = (how) => () => {
      this.own[how]();
      this.act.drawn();
    };
    this.count = node('output', { class: 'own-count' });
    this.name = node('input', { class: 'own-name', maxlength: 40, autocomplete: 'off' });
    this.name.addEventListener('change', () => {
      this.own.call(this.label, this.name.value);
      this.act.drawn();
    });
    this.tools.replaceChildren(
      button('ask', 'Ask', choose('ask'), 'A press asks what the network says there'), ...this.pens,
      this.name,
      button('wipe', 'Eraser', choose('wipe')), button('back', 'Undo', turn('back')),
      button('forth', 'Redo', turn('forth')), button('clear', 'Clear', turn('clear')), this.count);
  }

  get drawing() {
    return this.see().own && this.tool !== 'ask';
  }

  show() {
    const { own } = this.see();
    this.tools.hidden = !own;
    if (!own) return;
    const used = Math.max(1, ...this.own.points.map(([, , label]) => label));
    this.pens.forEach((pen, k) => { pen.hidden = k > Math.min(7, used + 1); });
    const chosen = this.tool === 'draw' ? `pen-${LETTERS[this.label]}` : this.tool;
    for (const button of this.tools.querySelectorAll('button')) {
      const { tool } = button.dataset;
      if (!['back', 'forth', 'clear'].includes(tool)) {
        button.setAttribute('aria-pressed', tool === chosen);
      }
    }
    const letter = LETTERS[this.label];
    this.name.hidden = this.tool !== 'draw';
    this.name.placeholder = `Name of ${letter}`;
    this.name.setAttribute('aria-label', `What class ${letter} is called`);
    if (document.activeElement !== this.name) this.name.value = this.own.names[this.label] ?? '';
    const part = (name) => this.tools.querySelector(`[data-tool=${name}]`);
    part('back').disabled = !this.own.before.length;
    part('forth').disabled = !this.own.after.length;
    part('clear').disabled = !this.own.points.length;
    this.count.textContent = `${count(this.own.points.length)} of ${count(MOST)}`;
    this.box.dataset.tool = this.tool;
  }

  placeOf(event) {
    const bounds = this.box.getBoundingClientRect();
    const [xMin, xMax, yMin, yMax] = this.see().extent;
    const across = Math.min(1, Math.max(0, (event.clientX - bounds.left) / bounds.width));
    const down = Math.min(1, Math.max(0, (event.clientY - bounds.top) / bounds.height));
    return { x: xMin + across * (xMax - xMin), y: yMax - down * (yMax - yMin) };
  }

  // Pixels of the page between two places.
  apart(a, b) {
    const [xMin, xMax, yMin, yMax] = this.see().extent;
    const size = this.box.clientWidth;
    return Math.hypot(((a.x - b.x) / (xMax - xMin)) * size, ((a.y - b.y) / (yMax - yMin)) * size);
  }

  // The nearest of some places within a reach, or -1.
  nearest(places, place, reach = REACH) {
    let [found, least] = [-1, reach];
    places.forEach((one, i) => {
      const distance = this.apart(one, place);
      if (distance <= least) [found, least] = [i, distance];
    });
    return found;
  }

  down(event) {
    if (event.target.closest('button, .stale-box') || event.button > 0) return;
    const place = this.placeOf(event);
    if (!this.drawing) {
      if (this.see().view !== 'space') this.ask(place);
      return;
    }
    event.preventDefault();
    this.box.focus({ preventScroll: true });
    this.box.setPointerCapture(event.pointerId);
    this.own.begin();
    const owns = this.own.points.map(([x, y]) => ({ x, y }));
    this.held = { last: place, changed: false,
      index: this.tool === 'draw' ? this.nearest(owns, place, 7) : -1 };
    if (event.shiftKey || this.tool === 'wipe') this.wipe(place);
    else if (this.held.index < 0) this.dot(place);
  }

  moved(event) {
    if (!this.held) return;
    const place = this.placeOf(event);
    if (event.shiftKey || this.tool === 'wipe') this.wipe(place);
    else if (this.held.index >= 0) {
      this.own.move(this.held.index, place.x, place.y);
      this.changed();
    } else if (this.apart(place, this.held.last) >= SPRAY) {
      this.held.last = place;
      this.dot(place);
    }
  }

  up() {
    if (!this.held) return;
    const { changed } = this.held;
    this.held = null;
    if (!changed) {
      this.own.before.pop();
      return;
    }
    this.own.keep();
    this.act.drawn();
    this.show();
  }

  dot({ x, y }) {
    if (this.own.add(x, y, this.label)) this.changed();
  }

  wipe(place) {
    if (this.own.wipe(([x, y]) => this.apart({ x, y }, place) > REACH)) this.changed();
  }

  changed() {
    this.held.changed = true;
    this.act.sketched();
    this.show();
  }

  ask(place) {
    const { points } = this.see();
    const near = this.nearest(points, place);
    const found = near < 0 ? place : points[near];
    this.cursor = { x: found.x, y: found.y };
    this.act.ask(found);
  }

  key(event) {
    if (event.target !== this.box) return;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key in by) this.go(by[event.key], event.shiftKey ? 5 : 1);
    else if (event.key === 'Escape') this.act.forget();
    else if (event.key === ' ') this.act.toggle();
    else if (event.key === 'Enter' && this.drawing && this.cursor) this.keyed();
    else if (event.key === 'z' && (event.ctrlKey || event.metaKey) && this.see().own) {
      this.own.back();
      this.act.drawn();
    } else return;
    event.preventDefault();
  }

  // A fiftieth of the picture at a time.
  go([across, down], times) {
    const [xMin, xMax, yMin, yMax] = this.see().extent;
    const from = this.cursor ?? { x: (xMin + xMax) / 2, y: (yMin + yMax) / 2 };
    const within = (value, low, high) => Math.min(high, Math.max(low, value));
    const x = within(from.x + (across * times * (xMax - xMin)) / 50, xMin, xMax);
    const y = within(from.y + (down * times * (yMax - yMin)) / 50, yMin, yMax);
    this.cursor = { x, y };
    const { points } = this.see();
    const near = this.nearest(points, this.cursor, 5);
    const { label, part } = points[near] ?? {};
    this.act.ask({ x, y, label, part });
  }

  // A point where the crosshair is; or that point wiped.
  keyed() {
    this.own.begin();
    this.held = { changed: false, index: -1 };
    if (this.tool === 'wipe') this.wipe(this.cursor);
    else this.dot(this.cursor);
    this.up();
  }
}
