// The same threshold, group by group: what is found and what is a false alarm, each with its
// interval, as Python counted them.
import { node, write } from '../../page/dom.js';

const KINDS = [['with_disease', 'sick', 'Found, of those with disease'],
  ['without_disease', 'well', 'False alarms, of those without']];
const NOT_COUNTED = 'The record of these weights does not count groups at every threshold. '
  + 'scripts/train.py heart-experiments adds that.';

export class Groups {
  constructor(place) {
    this.place = place;
    this.table = null;
  }

  build(table) {
    this.table = table;
    this.told = node('p', { class: 'small', role: 'status' }, table ? '' : NOT_COUNTED);
    this.place.replaceChildren(node('h3', {}, 'The same threshold, group by group'), this.told);
    if (!table) return;
    this.cells = [];
    const rows = table.groups.map((group) => node('tr', {},
      node('th', { scope: 'row' }, group.name, ' ', node('span', {}, String(group.patients))),
      ...KINDS.map(([kind, look]) => this.cell(group, kind, look)),
      node('td', { class: 'risk' }, group.risk)));
    const scale = () => node('span', { class: 'ends', 'aria-hidden': 'true' },
      ...['0', '50', '100 %'].map((text) => node('span', {}, text)));
    this.place.append(node('table', {},
      node('thead', {}, node('tr', {}, node('th', { scope: 'col' }, 'Group'),
        ...KINDS.map(([, , title]) => node('th', { scope: 'col' }, title, scale())),
        node('th', { scope: 'col', class: 'risk' }, 'Risk, in 100'))),
      node('tbody', {}, ...rows)));
  }

  cell(group, kind, look) {
    const [span, dot, all] = ['span', 'dot', 'all'].map((name) =>
      node('i', { class: name }, node('i')));
    const [count, bounds] = [node('b'), node('span')];
    const text = node('span', { class: 'count' }, count, ` of ${group.called[kind].of} `, bounds);
    this.cells.push({ called: group.called[kind], every: this.table.groups[0].called[kind],
      span, dot, all, count, bounds });
    return node('td', { class: look }, node('div', { class: 'pair' },
      node('div', { class: 'track', 'aria-hidden': 'true' }, all, span, dot), text));
  }

  // The nearest threshold that was counted; the one that is asked for, if it was.
  show(threshold) {
    if (!this.table) return;
    const off = this.table.thresholds.map((value) => Math.abs(value - threshold));
    const i = off.indexOf(Math.min(...off));
    write(this.told, `${this.table.told[i]}${off[i] < 1e-5 ? ''
      : ' (The nearest threshold that was counted.)'} Dashed: everybody, out of fold.`);
    for (const { called, every, span, dot, all, count, bounds } of this.cells) {
      const [low, high] = [called.low[i], called.high[i]];
      // Each is as wide as the track, and only shifted: nothing is laid out anew.
      span.style.transform = `translateX(${100 * low}%) scaleX(${high - low})`;
      dot.style.transform = `translateX(${100 * called.value[i]}%)`;
      all.style.transform = `translateX(${100 * every.value[i]}%)`;
      write(count, String(called.count[i]));
      write(bounds, `(${Math.round(100 * low)}–${Math.round(100 * high)} %)`);
    }
  }
}
