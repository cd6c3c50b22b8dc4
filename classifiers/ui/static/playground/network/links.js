// The lines of the drawn network: the sign of a weight is the colour, its size the width. While a
// point is asked about, a line shows what it carries: the weight times the value it comes from.
import { curve } from './places.js';

const SVG = 'http://www.w3.org/2000/svg';

export class Links {
  constructor(svg, tell) {
    this.svg = svg;
    this.links = [];
    svg.addEventListener('pointerover', ({ target }) => {
      const link = this.links.find(({ path }) => path === target);
      if (link) tell(link);
    });
    svg.addEventListener('pointerout', () => tell(null));
  }

  // layers: units by column, the inputs first; each {layer, unit, x, y}.
  build(layers, size) {
    this.links = [];
    for (let k = 1; k < layers.length; k += 1) {
      for (const to of layers[k]) {
        for (const from of layers[k - 1]) {
          const path = document.createElementNS(SVG, 'path');
          path.setAttribute('d', curve(from, to, size));
          this.links.push({ path, from, to, layer: k - 1 });
        }
      }
    }
    this.svg.replaceChildren(...this.links.map(({ path }) => path));
  }

  // hot: the unit that is looked at; asked: values of all layers at the place asked about.
  draw(reading, { hot, asked }) {
    const { network } = reading;
    const most = new Map();
    for (const link of this.links) {
      link.weight = network && !reading.broken
        ? network.weight(reading.moment.members[0], link.layer, link.from.unit, link.to.unit) : 0;
      link.shown = asked ? link.weight * asked.values[link.layer][link.from.unit] : link.weight;
      most.set(link.layer, Math.max(most.get(link.layer) ?? 1e-9, Math.abs(link.shown)));
    }
    for (const link of this.links) {
      const { path, from, to, layer, shown } = link;
      const share = Math.abs(shown) / most.get(layer);
      const dead = from.dead || to.dead;
      const colour = dead || !network ? 'line2' : shown < 0 ? 'neg' : 'pos';
      const near = !hot || hot === from || hot === to;
      const opacity = hot ? (near ? 0.35 + 0.65 * share : 0.05) : dead ? 0.16 : 0.1 + 0.75 * share;
      const look = `stroke:var(--${colour});stroke-width:${(0.6 + 3.6 * share).toFixed(1)};`
        + `stroke-opacity:${(network ? opacity : 0.3).toFixed(2)}`;
      if (look !== link.look) path.style.cssText = link.look = look;
    }
  }
}
