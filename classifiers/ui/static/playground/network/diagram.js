// The network, drawn: inputs that are switched on and off, units as their pictures, outputs, links.
import { node, partsOf, sizeOf, write } from '../../page/dom.js';
import { FEATURES, FEATURE_NAMES } from '../engine/features.js';
import { LETTERS } from '../pictures/colours.js';
import { putPixels, sharePixels, thinned, unitPixels } from '../pictures/shades.js';
import { number, percent } from '../words.js';
import { HoverCard } from './hover.js';
import { Links } from './links.js';
import { placesOf } from './places.js';

const TILE = 28; // cells a side of a unit's picture
const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
const KNOWN = Object.keys(FEATURES);

export class Diagram {
  // act: {feature(name), widths(list)}: what was asked for.
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.part = partsOf(root);
    this.box = this.part('net');
    this.links = new Links(this.part('links'), (link) => this.card.link(link, this.now));
    this.card = new HoverCard(this.box);
    this.hot = null;
    this.built = '';
  }

  // now: {reading, config, colours, asked}
  draw(now) {
    this.now = now;
    const { reading, config } = now;
    const wide = reading.film.start.widths.some((width) => width > 8);
    const key = JSON.stringify([config.dataset.features, reading.film.start.widths,
      reading.film.classes, reading.film.start.weights?.outputs, ...sizeOf(this.box),
      now.colours.dark,
      // Which units are the strongest is settled at rest, or they would jump about.
      wide ? [reading.film.number, reading.moment.epoch > 0 && now.rest && reading.moment.epoch]
        : 0]);
    const settled = this.built && wide && !now.rest && this.wide === reading.film.number;
    const anew = key !== this.built && !settled;
    if (anew) {
      this.build();
      this.built = key;
      this.wide = reading.film.number;
    }
    for (const unit of this.units) this.paint(unit);
    if (now.fleeting && !anew) return;
    this.links.draw(reading, { hot: this.linked(this.hot), asked: now.asked });
    if (this.hot) this.card.show(this.hot, this.now);
  }

  build() {
    const { reading, config } = this.now;
    const { start } = reading.film;
    const focus = document.activeElement?.dataset?.key;
    const looked = this.hot?.button.getAttribute('data-key');
    this.hot = null; // its element goes, and what is drawn of it
    this.card.hide();
    const on = KNOWN.map((name) => config.dataset.features.includes(name));
    const [width, height] = sizeOf(this.box);
    const places = placesOf({ width, height,
      features: on, widths: start.widths, outputs: reading.film.classes,
      strengths: reading.strengths });
    this.size = places.size;
    this.box.classList.toggle('stacked', places.stacked);
    for (const old of this.box.querySelectorAll('.unit, .colhead, .more')) old.remove();
    this.head(places.columns[0], 'inputs');
    const inputs = KNOWN.map((name, k) => this.input(name, on[k], places.inputs[k]));
    const hidden = places.layers.map(({ units, more }, i) => {
      const made = units.map((place) => this.unit(place, i + 1));
      if (more) {
        const title = 'The 8 that have the most to say are drawn';
        const told = node('div', { class: 'more', title }, `+${more.count} more`);
        this.put(told, { x: places.columns[i + 1], y: more.y });
      }
      return made;
    });
    this.heads(places.columns, start.widths);
    this.head(places.columns.at(-1), 'outputs');
    const outputs = places.outputs.map((place) => this.output(place, start.widths.length + 1));
    const given = start.weights?.features ?? config.dataset.features;
    const shown = given.map((name, unit) =>
      ({ ...inputs[KNOWN.indexOf(name)], unit }));
    this.units = [...shown, ...hidden.flat(), ...outputs];
    this.links.build([shown, ...hidden, this.one(outputs, start)], places.size);
    this.hot = this.units.find(({ button }) =>
      button.getAttribute('data-key') === looked) ?? null;
    this.box.querySelector(`[data-key="${focus}"]`)?.focus();
  }

  // A single logit feeds both outputs: its links are drawn to the second, class B.
  one(outputs, start) {
    return start.weights?.outputs === 'one_logit' ? [{ ...outputs[1], unit: 0 }] : outputs;
  }

  put(element, { x, y }, size) {
    element.style.left = `${x}px`;
    element.style.top = `${y}px`;
    if (size) [element.style.width, element.style.height] = [`${size}px`, `${size}px`];
    this.box.append(element);
  }

  head(x, ...content) {
    const head = node('div', { class: 'colhead' }, ...content);
    head.style.left = `${x}px`;
    this.box.append(head);
    return head;
  }

  heads(columns, widths) {
    widths.forEach((width, i) => {
      const change = (to) => this.act.widths(widths.map((old, k) => (k === i ? to : old)));
      const fewer = WIDTHS.findLast((one) => one < width);
      const more = WIDTHS.find((one) => one > width);
      const button = (sign, word, to) => {
        const made = node('button', { type: 'button', 'data-key': `w${i}${word}`,
          'aria-label': `Layer ${i + 1}: ${word} units` }, sign);
        made.disabled = !to;
        made.addEventListener('click', () => change(to));
        return made;
      };
      this.head(columns[i + 1], node('span', { class: 'stepper' }, button('−', 'fewer', fewer),
        node('b', {}, width), button('+', 'more', more)));
    });
  }

  input(name, on, place) {
    const label = `Input ${FEATURE_NAMES[name]}, ${on ? 'on' : 'off'}`;
    const canvas = node('canvas');
    const button = node('button', { type: 'button', class: `unit in${on ? '' : ' off'}`,
      'aria-pressed': on, 'aria-label': label, 'data-key': `f${name}` },
    canvas, node('span', { class: 'name' }, FEATURE_NAMES[name]));
    this.put(button, place, place.size);
    if (!on) putPixels(canvas, this.faint(name));
    button.addEventListener('click', () => this.act.feature(name));
    return { ...place, layer: 0, unit: 0, name, button, canvas };
  }

  faint(name) {
    const { extent } = this.now.reading.film.start;
    const plane = [];
    for (let row = 0; row < 15; row += 1) {
      for (let column = 0; column < 15; column += 1) {
        plane.push(FEATURES[name](extent[0] + ((extent[1] - extent[0]) * column) / 14,
          extent[3] - ((extent[3] - extent[2]) * row) / 14));
      }
    }
    return unitPixels(plane, this.now.colours);
  }

  unit(place, layer) {
    const canvas = node('canvas');
    const button = node('button', { type: 'button', class: 'unit',
      'data-key': `u${layer}-${place.unit}` }, canvas);
    this.put(button, place, this.size);
    return this.listen({ ...place, layer, button, canvas });
  }

  output(place, layer) {
    const canvas = node('canvas');
    const letter = LETTERS[place.unit];
    const button = node('button', { type: 'button', class: 'unit out', 'aria-label':
      `Output ${letter}`, 'data-key': `o${letter}`, style: `--own:var(--class-${letter})` }, canvas,
    node('span', { class: 'letter' }, letter, node('small')));
    this.put(button, place, this.size);
    return this.listen({ ...place, layer, button, canvas, isOutput: true });
  }

  listen(unit) {
    const look = (hot) => {
      if (this.hot === hot) return;
      this.hot = hot;
      this.links.draw(this.now.reading, { hot: this.linked(hot), asked: this.now.asked });
      if (hot) this.card.show(hot, this.now);
      else this.card.hide();
    };
    unit.button.addEventListener('pointerenter', () => look(unit));
    unit.button.addEventListener('pointerleave', () => look(null));
    unit.button.addEventListener('focus', () => look(unit));
    unit.button.addEventListener('blur', () => look(null));
    unit.button.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') look(null);
    });
    return unit;
  }

  // The end of a link that stands for a unit.
  linked(unit) {
    if (!unit) return null;
    return this.links.links.flatMap(({ from, to }) => [from, to])
      .find((end) => end.button === unit.button) ?? null;
  }

  paint(unit) {
    const { reading, colours, asked } = this.now;
    if (unit.isOutput) this.paintOutput(unit);
    else {
      unit.dead = unit.layer > 0 && reading.dead[unit.layer - 1][unit.unit];
      const plane = this.planeOf(unit);
      if (!plane && unit.name) putPixels(unit.canvas, this.faint(unit.name));
      else if (unit.dead || !plane) unit.canvas.width = 0;
      else if (unit.plane !== plane || unit.colours !== colours) {
        putPixels(unit.canvas, unitPixels(this.thin(plane), colours));
      }
      Object.assign(unit, { plane: unit.dead ? null : plane, colours });
    }
    const text = asked && !unit.isOutput ? number(asked.values[unit.layer][unit.unit], 1)
      : unit.dead ? 'dead' : '';
    this.label(unit, text, Boolean(asked));
  }

  // What stands at a unit, and what is read of it.
  label(unit, text, asked) {
    const key = `${text} ${unit.dead} ${asked}`;
    if (unit.told === key) return;
    unit.told = key;
    const { button } = unit;
    button.classList.toggle('dead', Boolean(unit.dead));
    let tag = button.querySelector('.tag');
    if (text && !tag) button.append(tag = node('span', { class: 'tag' }));
    if (tag) {
      tag.textContent = text;
      tag.hidden = !text;
      tag.classList.toggle('value', asked);
    }
    if (unit.layer > 0 && !unit.isOutput) {
      button.setAttribute('aria-label', `Layer ${unit.layer}, unit ${unit.unit + 1}`
        + (unit.dead ? ', dead' : '') + (asked ? `, says ${text}` : ''));
    }
  }

  paintOutput(unit) {
    const { reading, colours, asked } = this.now;
    if (reading.broken) unit.canvas.width = 0;
    else {
      putPixels(unit.canvas, sharePixels(this.thin(reading.probabilities[unit.unit]),
        colours.classes[unit.unit], colours));
    }
    write(unit.button.querySelector('small'),
      asked ? percent(asked.probabilities[unit.unit], 0) : '');
  }

  // A plane of the grid's corners on a small grid.
  thin(plane) {
    const { network, cells } = this.now.reading;
    return network ? thinned(plane, cells, Math.max(1, Math.round(cells / TILE))) : plane;
  }

  // A unit's values: those of an input are the same list at every moment.
  planeOf(unit) {
    const { reading } = this.now;
    const { film, moment } = reading;
    if (reading.broken) return null;
    if (reading.network) return reading.values[unit.layer][unit.unit];
    if (unit.layer === 0 || !moment.neurons) return null;
    const { layers } = film.start;
    const before = layers.slice(0, unit.layer - 1).reduce((sum, width) => sum + width, 0);
    const area = 24 * 24;
    const from = (before + unit.unit) * area;
    return Array.from(moment.neurons.subarray(from, from + area), (level) => level - 8);
  }
}
