// What a network answers everywhere, as outlines: crisp at any size, a few strokes each.
import { write } from '../../../page/dom.js';
import { svg } from './marks.js';
import { STEPS } from '../decode.js';

const WIDTH = 400; // units of a picture's own; about its pixels
const outlines = new WeakMap();

// How a picture of this extent lies: its height, and where the whole numbers of x stand.
function frame([xMin, xMax, yMin, yMax]) {
  const left = (x) => ((x - xMin) / (xMax - xMin)) * WIDTH;
  const ticks = [-2, -1, 0, 1, 2, 3].filter((t) => t > xMin + 0.2 && t < xMax - 0.2);
  return { height: (WIDTH * (yMax - yMin)) / (xMax - xMin),
    ticks: ticks.map((t) => [left(t), String(t).replace('-', '−')]) };
}

function outline(region, height) {
  const known = outlines.get(region);
  if (known?.height === height) return known.path;
  const place = ([x, y]) => `${((x * WIDTH) / STEPS).toFixed(1)} `
    + `${(height - (y * height) / STEPS).toFixed(1)}`;
  const path = region.map((ring) => `M${ring.map(place).join('L')}Z`).join('');
  outlines.set(region, { height, path });
  return path;
}

function points(height, rows) {
  const dot = ({ x, y, label, test }) => {
    const at = { cx: ((x * WIDTH) / STEPS).toFixed(1),
      cy: (height - (y * height) / STEPS).toFixed(1) };
    const kind = `${label ? 'b' : 'a'} ${test ? 'test' : 'train'}`;
    const marks = [svg('circle', { ...at, r: test ? 3.3 : 3.1, class: kind })];
    if (test) marks.unshift(svg('circle', { ...at, r: 4.7, class: 'rim' }));
    return marks;
  };
  const [train, test] = [rows.filter((row) => !row.test), rows.filter((row) => row.test)];
  return [...train, ...test].flatMap(dot);
}

// The more a spot costs against the best rule, the larger its square; together they cost what the
// network loses.
function halftone(map, height) {
  const [rows, columns] = map.shape;
  const [w, h] = [WIDTH / columns, height / rows];
  let path = '';
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const side = Math.min(w, h) * Math.sqrt(map.values[i * columns + j] / 255);
      if (side < 0.4) continue;
      const [x, y] = [(j + 0.5) * w - side / 2, height - (i + 0.5) * h - side / 2];
      path += `M${x.toFixed(1)} ${y.toFixed(1)}h${side.toFixed(2)}v${side.toFixed(2)}`
        + `h${(-side).toFixed(2)}z`;
    }
  }
  return path;
}

// One picture. The points of a world are the same in all three: the first holds them.
export class Picture {
  constructor(host, extent, name) {
    const { height, ticks } = frame(extent);
    this.height = height;
    const path = (mark, of = {}) => svg('path', { 'data-mark': mark, class: mark, ...of });
    this.points = svg('g', { 'data-mark': 'points', class: 'points' });
    this.others = svg('g', { 'data-mark': 'others', class: 'others' });
    this.marks = Object.fromEntries(['region', 'regret', 'boundary', 'casing', 'vote', 'rim',
      'best'].map((mark) => [mark, path(mark)]));
    const { region, regret, boundary, casing, vote, rim, best } = this.marks;
    const axis = svg('g', { class: 'axis', 'aria-hidden': 'true' }, ...ticks.flatMap(([x, word]) =>
      [svg('line', { x1: x, x2: x, y1: height, y2: height - 4 }),
        svg('text', { x, y: height - 7, 'text-anchor': 'middle' }, word)]));
    this.root = svg('svg', { viewBox: `0 0 ${WIDTH} ${height.toFixed(1)}`, class: 'picture',
      role: 'img', 'aria-label': name },
    svg('rect', { width: WIDTH, height, class: 'ground' }), region, regret, this.others, boundary,
    casing, vote, rim, best, this.points, axis);
    this.note = svg('text', { x: 10, y: 19, class: 'note' });
    this.root.append(this.note);
    host.replaceChildren(this.root);
  }

  setPoints(rows) {
    this.points.replaceChildren(...(rows ? points(this.height, rows) : []));
  }

  // region: the answer; best: the best rule's; others and vote: those of other worlds; regret: a
  // map; note: what has to be said of them. What is null isn't drawn.
  draw({ region, best, others, vote, regret, note }) {
    write(this.note, note);
    const { height } = this;
    const of = (shape) => (shape ? outline(shape, height) : '');
    const paths = { region: of(region), boundary: of(region), casing: of(vote), vote: of(vote),
      rim: of(best), best: of(best), regret: regret ? halftone(regret, height) : '' };
    for (const [mark, path] of Object.entries(paths)) this.marks[mark].setAttribute('d', path);
    this.root.classList.toggle('crowded', Boolean(others));
    this.root.classList.toggle('regretting', Boolean(regret));
    this.others.replaceChildren(...(others ?? []).map((shape) => svg('path', { d: of(shape) })));
  }

  showPoints(shown) {
    this.points.style.display = shown ? '' : 'none';
  }
}
