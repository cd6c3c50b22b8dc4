// A visitor's own points: drawn, moved, wiped, taken back, and kept in the browser.
export const MOST = 2000;
const KEPT = 'own-points';
const STEPS = 100; // that can be taken back

export class OwnPoints {
  constructor(usual) {
    this.points = recalled() ?? usual;
    this.before = [];
    this.after = [];
  }

  // From anywhere else: a link, a file, a reload. It can be taken back like any other step.
  replace(points) {
    if (JSON.stringify(points) === JSON.stringify(this.points)) return;
    this.begin();
    this.points = points.slice(0, MOST);
    this.keep();
  }

  // A step starts: all until the next can be taken back at once.
  begin() {
    this.before.push(this.points);
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
    this.points = [];
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
    to.push(this.points);
    this.points = from.pop();
    this.keep();
  }

  keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.points));
    } catch { /* a browser that keeps nothing */ }
  }
}

const rounded = (value) => Number(value.toPrecision(4));

function recalled() {
  try {
    const points = JSON.parse(localStorage.getItem(KEPT));
    const whole = Array.isArray(points) && points.length <= MOST
      && points.every((point) => Array.isArray(point) && point.length === 3
        && point.every(Number.isFinite));
    return whole ? points : null;
  } catch {
    return null;
  }
}
