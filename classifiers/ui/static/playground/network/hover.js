// What is said of a unit or a link that is looked at.
import { node } from '../../page/dom.js';
import { FEATURE_NAMES } from '../engine/features.js';
import { putPixels, unitPixels } from '../pictures/shades.js';
import { number } from '../words.js';

const MOST = 8; // weights

export class HoverCard {
  constructor(box) {
    this.box = box;
    this.root = node('div', { class: 'hover', role: 'tooltip' });
    this.root.hidden = true;
    box.append(this.root);
  }

  hide() {
    this.root.hidden = true;
  }

  show(unit, { reading, colours }) {
    const { network, moment } = reading;
    const title = unit.isOutput ? `Output ${reading.film.label(unit.unit)}`
      : `Layer ${unit.layer}, unit ${unit.unit + 1}`;
    const heading = node('h3', {}, title + (unit.dead
      ? ' is dead: no training point changes its weights' : ''));
    if (!network || reading.broken) {
      this.root.replaceChildren(heading, node('p', {}, reading.broken
        ? 'The weights are no longer numbers.'
        : 'A network of this size is drawn by the server: its weights are not in the page.'));
    } else {
      const one = network.outputs === 'one_logit' && unit.isOutput ? 0 : unit.unit;
      const layer = unit.layer - 1;
      this.root.replaceChildren(heading, node('div', { class: 'row' },
        this.picture(reading.values[unit.layer][one], reading, colours),
        this.weights(network, moment.members[0], layer, one)));
    }
    this.root.hidden = false;
    this.place(unit);
  }

  // 160 px, with what its colours stand for.
  picture(plane, reading, colours) {
    const canvas = node('canvas', { class: 'large' });
    putPixels(canvas, unitPixels(plane, colours));
    const low = plane.reduce((a, b) => Math.min(a, b));
    const most = plane.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const two = low < -1e-9;
    const steps = two ? 'var(--neg),var(--paper),var(--pos)' : 'var(--paper),var(--pos)';
    const ends = two ? [number(-most, 1), '0', number(most, 1)] : ['0', '', number(most, 1)];
    return node('div', {}, canvas,
      node('div', { class: 'scale', style: `background:linear-gradient(90deg,${steps})` }),
      node('div', { class: 'ends' }, ...ends.map((end) => node('span', {}, end))));
  }

  weights(network, parameters, layer, unit) {
    const count = network.sizes[layer];
    const all = Array.from({ length: count },
      (_, from) => [from, network.weight(parameters, layer, from, unit)]);
    const largest = Math.max(...all.map(([, weight]) => Math.abs(weight)), 1e-9);
    const shown = all.toSorted((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, MOST)
      .toSorted((a, b) => a[0] - b[0]);
    const name = (from) => (layer === 0 ? FEATURE_NAMES[network.features[from]]
      : `unit ${from + 1}`);
    const rows = shown.map(([from, weight]) => node('div', { class: 'weight' },
      node('span', {}, name(from)), bar(weight / largest), node('span', {}, number(weight, 2))));
    if (count > MOST) rows.push(node('div', { class: 'weight' }, `+${count - MOST} more`));
    rows.push(node('div', { class: 'weight bias' }, node('span', {}, 'bias'), node('span'),
      node('span', {}, number(network.bias(parameters, layer, unit), 2))));
    return node('div', {}, node('div', { class: 'ends' }, 'weights in'), ...rows);
  }

  // To the right, so that what feeds the unit stays in sight.
  place({ x, y, button }) {
    const { box, root } = this;
    const half = button.offsetWidth / 2 + 12;
    const room = window.innerWidth - box.getBoundingClientRect().left - 12;
    const left = x + half + root.offsetWidth > room
      ? Math.max(0, x - half - root.offsetWidth) : x + half;
    root.style.left = `${left}px`;
    const top = Math.min(box.clientHeight - root.offsetHeight, y - root.offsetHeight / 2);
    root.style.top = `${Math.max(0, top)}px`;
  }

  link(link, { reading }) {
    if (!link || !reading.network) {
      this.hide();
      return;
    }
    const from = link.layer === 0 ? FEATURE_NAMES[reading.network.features[link.from.unit]]
      : `unit ${link.from.unit + 1} of layer ${link.layer}`;
    const to = link.to.isOutput ? `output ${reading.film.label(link.to.unit)}`
      : `unit ${link.to.unit + 1} of layer ${link.layer + 1}`;
    this.root.replaceChildren(node('p', { class: 'of-link' }, `From ${from} to ${to}: weight `,
      node('b', {}, number(link.weight, 3))));
    this.root.hidden = false;
    const middle = { x: (link.from.x + link.to.x) / 2, y: (link.from.y + link.to.y) / 2,
      button: { offsetWidth: 0 } };
    this.place(middle);
  }
}

function bar(share) {
  const side = share < 0 ? 'right' : 'left';
  const colour = share < 0 ? 'neg' : 'pos';
  return node('span', { class: 'bar' }, node('i', {
    style: `${side}:50%;width:${50 * Math.abs(share)}%;background:var(--${colour})` }));
}
