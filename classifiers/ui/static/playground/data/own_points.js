// A visitor's own points: drawn, moved, wiped, taken back, and kept in the browser; and what their
// classes are called, where that is more than a letter.
import { LETTERS } from '../pictures/colours.js';

export const MOST = 2000;
const KEPT = 'own-points';
const LONGEST = 40; // characters of a name
const STEPS = 100; // that can be taken back

export class OwnPoints {
  constructor(usual) {
    Object.assign(this, recalled() ?? { points: usual, names: [] });
    this.before = [];
    this.after = [];
  }

  // From anywhere else: a link, a file, a reload. It can be taken back like any other step.
  replace(points, names = []) {
    if (JSON.stringify([points, names]) === JSON.stringify([this.points, this.names])) return;
    this.begin();
    Object.assign(this, { points: points.slice(0, MOST), names });
    this.keep();
  }

  // As a config has them. Where one class has a name, each has.
  get dataset() {
    const { points, names } = this;
    const classes = Math.max(1, names.length - 1, ...points.map(([, , label]) => label)) + 1;
    const told = { points, samples: points.length, classes };
    if (!names.some(Boolean)) return told;
    const all = Array.from({ length: classes }, (_, k) => names[k] || LETTERS[k]);
    return { ...told, class_names: all };
  }

  call(label, name) {
    this.begin();
    this.names = Array.from({ length: Math.max(this.names.length, label + 1) },
      (_, k) => (k === label ? name.trim().slice(0, LONGEST) : this.names[k] ?? ''));
    this.keep();
  }

  // A step starts: all until the next can be taken back at once.
  begin() {
    this.before.push([this.points, this.names]);
    if (this.before.length > STEPS) this.before.shift();
    this.after = [];
  }

  // Returns whether there was room.
  add(x, y, label) {
    if (this.points.length >= MOST) return false;
    this.points = [...this.points, [rounded(x), rounded(y), label]];
    return true;
  }

  move(index, x, y) {
    this.points = this.points.map((point, i) =>
      (i === index ? [rounded(x), rounded(y), point[2]] : point));
  }

  // far([x, y]): whether a point stays.
  wipe(far) {
    const left = this.points.filter(far);
    const wiped = left.length < this.points.length;
    if (wiped) this.points = left;
    return wiped;
  }

  clear() {
    this.begin();
    Object.assign(this, { points: [], names: [] });
    this.keep();
  }

  back() {
    this.turn(this.before, this.after);
  }

  forth() {
    this.turn(this.after, this.before);
  }

  turn(from, to) {
    if (!from.length) return;
    to.push([this.points, this.names]);
    [this.points, this.names] = from.pop();
    this.keep();
  }

  keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify([this.points, this.names]));
    } catch { /* a browser that keeps nothing */ }
  }
}

const rounded = (value) => Number(value.toPrecision(4));

function recalled() {
  try {
    const [points, names] = JSON.parse(localStorage.getItem(KEPT));
    const whole = points.length <= MOST && names.length <= LETTERS.length
      && points.every((point) => point.length === 3 && point.every(Number.isFinite))
      && names.every((name) => typeof name === 'string');
    return whole ? { points, names } : null;
  } catch {
    return null;
  }
}
