// Pointing at a chart: the mouse finds the nearest mark, arrow keys go from mark to mark, and what
// is there is said.
import { node } from '../../page/dom.js';

const REST = 600; // milliseconds on a mark before its network is trained

export class Pointing {
  // act: {draw, pick(place), again, step(key), describe(place)}.
  constructor(root, act) {
    Object.assign(this, { root, act, chart: null });
    this.tip = node('div', { class: 'tip', hidden: '' });
    this.heard = node('p', { class: 'unseen', role: 'status' });
    root.after(this.tip, this.heard);
    root.addEventListener('pointermove', (event) => this.point(event));
    root.addEventListener('pointerleave', () => this.leave());
    root.addEventListener('click', (event) => {
      const place = this.at(event);
      if (!place) return;
      clearTimeout(this.resting);
      act.pick({ index: place.index, member: place.member ?? null });
      act.again();
    });
    root.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => {
      if (root.clientWidth !== this.width) act.draw();
      this.width = root.clientWidth;
    }).observe(root);
  }

  show(chart, label) {
    this.chart = chart;
    this.root.setAttribute('aria-label', label);
  }

  ring(pick) {
    this.chart?.ring('picked', pick);
  }

  at(event) {
    if (!this.chart) return null;
    const box = this.chart.svg.getBoundingClientRect();
    const unit = this.chart.width / box.width;
    return this.chart.nearest((event.clientX - box.left) * unit, (event.clientY - box.top) * unit);
  }

  point(event) {
    const place = this.at(event);
    this.root.classList.toggle('over', Boolean(place));
    if (!place) {
      this.leave();
      return;
    }
    this.chart.ring('near', place);
    this.tip.textContent = this.act.describe(place);
    this.tip.hidden = false;
    const parent = this.tip.offsetParent.getBoundingClientRect();
    const left = event.clientX - parent.left + 14;
    this.tip.style.left = `${Math.min(left, parent.width - this.tip.offsetWidth - 4)}px`;
    this.tip.style.top = `${event.clientY - parent.top + 16}px`;
  }

  leave() {
    this.chart?.ring('near', null);
    this.tip.hidden = true;
    this.root.classList.remove('over');
  }

  key(event) {
    if (event.key === 'Enter' || event.key === ' ') {
      clearTimeout(this.resting);
      this.act.again();
    } else {
      const next = this.act.step(event.key);
      if (next === null) return;
      if (next) this.go(next);
    }
    event.preventDefault();
  }

  go(next) {
    this.act.pick(next);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.act.again(), REST);
  }
}
