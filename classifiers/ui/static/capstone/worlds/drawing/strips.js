// The worlds that were drawn, a dot each: accuracy on fresh points over accuracy on test points.
import { fit, line, middle, pile, svg, text } from './marks.js';
import { percent } from '../words.js';

const HEIGHT = 128;
const [LEFT, RIGHT] = [34, 8];
const ROWS = [{ kind: 'fresh', floor: 50 }, { kind: 'test', floor: 106 }];
const MOST = 42; // pixels that a pile may be high
const REACH = 16; // pixels from a dot that a press still means it

export class Strip {
  // choose(world): the visitor wants to see that world.
  constructor(host, title, choose) {
    this.title = title;
    this.drawing = svg('svg', { class: 'strip-of-worlds', tabindex: '0', role: 'slider',
      'aria-label': `World, in the accuracies of ${title}`, 'aria-valuemin': '1' });
    host.append(this.drawing);
    this.dots = [];
    this.drawing.addEventListener('click', ({ clientX, clientY }) => {
      const { left, top } = this.drawing.getBoundingClientRect();
      const far = this.dots.map(({ x, y }) => Math.hypot(x - clientX + left, y - clientY + top));
      const nearest = Math.min(...far);
      if (nearest < REACH) choose(this.dots[far.indexOf(nearest)].world);
    });
    this.drawing.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity,
        End: Infinity }[event.key];
      if (!step) return;
      event.preventDefault();
      choose(Math.max(0, Math.min(this.count - 1, (this.world ?? this.count) + step)));
    });
  }

  clear() {
    this.drawing.replaceChildren();
  }

  // fresh, test: an accuracy a drawn world, at the cursor's epoch.
  draw({ fresh, test, world, best, range, ticks, hint }) {
    Object.assign(this, { world, count: fresh.length, dots: [] });
    const { drawing } = this;
    const width = fit(drawing, HEIGHT);
    const [low, high] = range;
    const x = (share) => LEFT + (Math.max(0, share - low) / (high - low)) * (width - LEFT - RIGHT);
    drawing.setAttribute('aria-valuemax', fresh.length);
    drawing.setAttribute('aria-valuenow', (world ?? 0) + 1);
    drawing.setAttribute('aria-valuetext', world === null ? 'another world is being trained'
      : `world ${world + 1} of ${fresh.length}: fresh ${percent(fresh[world])}, test `
        + `${percent(test[world])}`);
    const marks = [];
    ROWS.forEach(({ kind, floor }) => {
      const values = kind === 'fresh' ? fresh : test;
      marks.push(line(LEFT, floor + 4, width - RIGHT, floor + 4, 'rule'),
        text(0, floor + 2, kind));
      if (kind === 'fresh') {
        marks.push(line(x(best), 4, x(best), floor + 4, 'best', { 'data-mark': 'best' }),
          text(x(best) + 5, 11, 'best'));
      }
      marks.push(...this.heap(kind, values, values.map(x), floor, low));
      if (values.length > 4) {
        const place = x(middle(values));
        marks.push(svg('path', { d: `M${place - 4} ${floor + 10}h8l-4 -6z`, class: 'middle',
          'data-mark': `middle-${kind}` }));
      }
    });
    for (const tick of ticks) {
      const last = tick === high;
      marks.push(text(x(tick), HEIGHT - 2, `${Math.round(100 * tick)}${last ? ' %' : ''}`,
        { 'text-anchor': last ? 'end' : 'middle' }));
    }
    if (hint) marks.push(text(width - RIGHT, 84, hint, { 'text-anchor': 'end' }));
    drawing.replaceChildren(...marks);
  }

  heap(kind, values, places, floor, low) {
    const radius = values.length > 80 ? 2.1 : 2.9;
    const piled = pile(places, radius, MOST);
    const marks = values.map((value, world) => {
      const [px, py] = [piled[world].x, floor - piled[world].up];
      this.dots.push({ x: px, y: py, world });
      const below = value < low; // it stands at the end of the axis
      const shape = below
        ? svg('path', { d: `M${px - 3} ${py}l6 -3.4v6.8z` })
        : svg('circle', { cx: px.toFixed(1), cy: py.toFixed(1), r: radius });
      shape.setAttribute('class', `dot ${kind}`);
      shape.setAttribute('data-world', world);
      shape.setAttribute('data-value', kind);
      return shape;
    });
    if (this.world === null) return marks;
    const [own] = marks.splice(this.world, 1);
    const { x, up } = piled[this.world];
    return [...marks, own, svg('circle', { cx: x, cy: floor - up, r: 6.2, class: 'ring',
      'data-mark': `ring-${kind}` })];
  }
}
