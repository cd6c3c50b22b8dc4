// What makes the errors: the best rule's, bias, variance, and the luck of one world's test points.
import { fit, line, svg, text } from './marks.js';
import { sizeOf } from '../../../page/dom.js';
import { NAMES, TITLES, count, points } from '../words.js';

const PARTS = ['best', 'bias', 'variance'];
const WORDS = { best: 'best possible', bias: 'bias', variance: 'variance' };
const TICKS = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5];
const NARROW = 700; // pixels
const STAGGER = [-3, 1.5, -1.5, 3, 0]; // so that dots at one place hide each other less

const tenth = (share) => (100 * share).toFixed(1);

export class Budget {
  constructor(drawing, choose) {
    this.drawing = drawing;
    drawing.addEventListener('click', ({ target }) => {
      const { world } = target.closest('[data-world]')?.dataset ?? {};
      if (world !== undefined) choose(Number(world));
    });
  }

  // budget: parts a network; errors: a network's error on fresh points, a world each; world: the
  // one on show, with its test error, and where 95 of 100 test sets would put it (spans).
  draw({ budget, errors, world, test, spans, size, most }) {
    const { drawing } = this;
    const [width] = sizeOf(drawing);
    const phone = width < NARROW;
    const row = phone ? 100 : 74;
    const height = 3 * row + 28;
    fit(drawing, height);
    const left = phone ? 0 : 118;
    const x = (share) => left + (share / most) * (width - left - 10);
    const marks = [hatching()];
    const ticks = TICKS.filter((share) => share <= most + 1e-9);
    for (const tick of ticks) {
      const last = tick === ticks.at(-1);
      marks.push(line(x(tick), 6, x(tick), height - 20, 'rule'));
      if (phone && tick === ticks.at(-2)) continue; // the last one's words need its room
      const words = `${Math.round(100 * tick)}${last ? ' errors of 100' : ''}`;
      marks.push(text(x(tick), height - 5, words,
          { 'text-anchor': !tick ? 'start' : last ? 'end' : 'middle' }));
    }
    NAMES.forEach((name, i) => {
      const y = i * row + (phone ? 26 : 10);
      marks.push(phone ? text(0, y - 7, TITLES[name], { class: 'name' })
        : text(0, y + 16, TITLES[name], { class: 'name' }));
      if (budget) marks.push(...bar(budget[name], x, y, phone, name));
      const own = { errors: errors[i], world, test: test[i], span: spans?.[i] };
      marks.push(...scatter(own, x, y + 34, name), ...luck(own, x, y + 49, size, width, name));
    });
    drawing.replaceChildren(...marks);
    drawing.setAttribute('aria-label', budget ? NAMES.map((name) => `${TITLES[name]}: `
      + PARTS.map((part) => `${WORDS[part]} ${tenth(budget[name][part])}`).join(', ')
      + `, together ${tenth(budget[name].total)} errors of 100`).join('; ')
      : 'Errors of this world beside the others');
  }
}

function hatching() {
  return svg('defs', {}, svg('pattern', { id: 'worlds-hatching', width: 6, height: 6,
    patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
  svg('rect', { width: 6, height: 6, class: 'wash' }),
  svg('rect', { width: 2, height: 6, class: 'hatch' })));
}

function bar(parts, x, y, phone, name) {
  const marks = [];
  let from = 0;
  for (const part of PARTS) {
    const to = Math.max(from, from + parts[part]); // an estimate may lie below none
    const wide = Math.max(0, x(to) - x(from) - 1);
    marks.push(svg('rect', { x: x(from), y, width: wide, height: 22, class: `part ${part}`,
      'data-part-of': name, 'data-mark': part }));
    const value = tenth(parts[part]);
    const said = `${WORDS[part]} ${value}`;
    if (wide > 34) {
      marks.push(text(x(from) + 7, y + 15.5, wide > 6.6 * said.length + 14 ? said : value,
        { class: `in ${part}` }));
    }
    from = to;
  }
  const sum = PARTS.map((part) => tenth(parts[part])).join(' + ').replaceAll('+ -', '− ');
  marks.push(svg('text', { x: x(from) + 9, y: y + 15.5, 'data-mark': `total-${name}` },
    svg('tspan', { class: 'total' }, tenth(parts.total)), phone ? '' : ` = ${sum}`));
  return marks;
}

function scatter({ errors, world }, x, y, name) {
  const marks = errors.map((error, k) => svg('circle', { cx: x(error).toFixed(1),
    cy: y + STAGGER[k % STAGGER.length], r: 2.4, class: 'dot faint', 'data-world': k,
    'data-error-of': name }));
  if (errors[world] !== undefined) {
    marks.push(svg('circle', { cx: x(errors[world]).toFixed(1), cy: y, r: 5.4, class: 'ring',
      'data-mark': `fresh-${name}` }));
  }
  return marks;
}

// From the error on fresh points to the one on these test points, over what test sets would say.
function luck({ errors, world, test, span }, x, y, size, width, name) {
  const [from, to] = [x(errors[world]), x(test.error)];
  const marks = [];
  if (span) {
    const [low, high] = [x(1 - span.high), x(1 - span.low)];
    marks.push(line(low, y, high, y, 'span', { 'data-mark': `span-${name}` }),
      line(low, y - 5, low, y + 5, 'span'), line(high, y - 5, high, y + 5, 'span'));
  }
  const way = Math.sign(to - from);
  if (Math.abs(to - from) > 7) {
    marks.push(line(from, y, to - way * 5, y, 'arrow'),
      svg('path', { d: `M${to.toFixed(1)} ${y}l${-way * 8} -4.5v9z`, class: 'arrow-head' }));
  }
  marks.push(line(from, y - 10, from, y + 3, 'arrow', { 'data-mark': `luck-from-${name}` }));
  const said = `luck of these ${count(size)} points ${points(-test.luck)}`;
  if (width < NARROW) {
    const middle = Math.max(88, Math.min(width - 88, (from + to) / 2));
    marks.push(text(middle, y + 18, said, { 'text-anchor': 'middle' }));
    marks.at(-1).setAttribute('data-mark', `luck-${name}`);
    return marks;
  }
  const ends = [from, to, span ? x(1 - span.low) : to, span ? x(1 - span.high) : to];
  const beyond = Math.max(...ends) + 9;
  marks.push(beyond + 170 > width
    ? text(Math.min(...ends) - 9, y + 4, said, { 'text-anchor': 'end' })
    : text(beyond, y + 4, said));
  marks.at(-1).setAttribute('data-mark', `luck-${name}`);
  return marks;
}
