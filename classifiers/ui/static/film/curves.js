// One curve chart: train and test over epochs, a band over members, a cursor that can be moved
// without drawing the rest again.
import { drawChart } from '../charts/chart.js';
import { percent } from '../charts/scale.js';
import { node } from '../page/dom.js';

const PARTS = ['train', 'test'];

export class CurveChart {
  constructor(title, quantity) {
    this.quantity = quantity;
    this.title = title;
    this.readout = node('span', { class: 'readout' });
    this.holder = node('div', { class: 'curves' });
    const head = node('div', { class: 'chart-head' }, node('strong', {}, title), this.readout);
    this.root = node('div', { class: 'chart' }, head, this.holder);
  }

  // `rows` holds epoch, and mean, low, high of each curve; `scale` is shared by all stages.
  draw(rows, scale, ceiling) {
    this.rows = rows;
    this.drawn = drawChart(this.holder, chartOptions(rows, this.quantity, scale, ceiling));
  }

  get svg() {
    return this.holder.firstChild;
  }

  move(epoch) {
    if (!this.drawn || !this.rows.epoch.length) return;
    this.drawn.cut(epoch);
    let i = this.rows.epoch.findIndex((value) => value >= epoch);
    if (i < 0) i = this.rows.epoch.length - 1;
    const say = (value) => {
      if (value === null) return 'not a number';
      return this.quantity === 'accuracy' ? percent(value) : value.toPrecision(3);
    };
    const told = PARTS.map((part) => [part, say(this.rows[`${part}_${this.quantity}`].mean[i])]);
    this.readout.replaceChildren(...told.map(([part, value]) =>
      node('span', { class: `${part}-key` }, `${part} ${value}`)));
    const at = this.rows.epoch[i].toLocaleString('en');
    this.svg.setAttribute('aria-label', `${this.title} by epoch. At epoch ${at}: `
      + `${told.map((pair) => pair.join(' ')).join(', ')}.`);
  }
}

function chartOptions(rows, quantity, { low, high, log, last }, ceiling) {
  const curves = PARTS.map((part) => ({ kind: part, ...rows[`${part}_${quantity}`] }));
  const across = [0, Math.max(1, last)];
  const limit = ceiling === null ? []
    : [{ x: across, y: [ceiling, ceiling], kind: 'limit' }];
  return {
    label: `${quantity} by epoch`, strip: true,
    x: { range: across, name: 'epoch', whole: true },
    y: { range: [low, high], log, percent: quantity === 'accuracy' },
    bands: curves.filter((curve) => curve.low)
      .map((curve) => ({ x: rows.epoch, low: curve.low, high: curve.high, kind: curve.kind })),
    lines: [...limit,
      ...curves.map((curve) => ({ x: rows.epoch, y: curve.mean, kind: curve.kind }))],
  };
}

// The axes that hold the curves of all stages, so that they can be compared by eye.
export function sharedScale(stages, quantity) {
  const values = [];
  let last = 1;
  for (const { rows, planned, ended } of stages) {
    for (const part of PARTS) {
      const curve = rows[`${part}_${quantity}`];
      values.push(...curve.mean, ...(curve.low || []), ...(curve.high || []));
    }
    last = Math.max(last, ended ? rows.epoch.at(-1) || 1 : planned);
  }
  const seen = values.filter((value) => value !== null);
  const [least, most] = seen.length
    ? [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))] : [0, 1];
  if (quantity === 'accuracy') {
    return { low: Math.floor(least * 10) / 10, high: 1, log: false, last };
  }
  const log = least > 0 && most / least > 60;
  return { low: log ? least : 0, high: most || 1, log, last };
}
