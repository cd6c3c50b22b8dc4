// One curve chart: train and test over epochs, a band over members, a cursor that can be moved
// without drawing the rest again. Colours are written into the SVG so that it can be saved.
class Chart {
  constructor(host, title, quantity) {
    this.quantity = quantity;
    this.title = title;
    this.readout = node('span', { class: 'readout' });
    this.svg = document.createElementNS(SVG, 'svg');
    this.svg.setAttribute('role', 'img');
    host.append(node('div', { class: 'chart-head' }, node('strong', {}, title), this.readout),
      this.svg);
  }

  // `rows` holds epoch, and mean, low, high of each curve; `scale` is shared by all stages.
  draw(rows, scale, ceiling) {
    this.rows = rows;
    const width = Math.max(180, this.svg.parentElement.clientWidth);
    const height = 132;
    const box = { left: 42, right: width - 10, top: 8, bottom: height - 22 };
    const style = getComputedStyle(this.svg);
    const ink = style.color;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const { low, high, log, last } = scale;
    const bend = log ? Math.log10 : (v) => v;
    const [from, to] = [bend(low), bend(high)];
    this.x = (epoch) => box.left + (epoch / Math.max(1, last)) * (box.right - box.left);
    const y = (value) => {
      const share = (bend(Math.max(value, low)) - from) / (to - from || 1);
      return box.bottom - Math.min(1, Math.max(0, share)) * (box.bottom - box.top);
    };
    const text = { fill: ink, 'fill-opacity': 0.75, 'font-size': 11, 'font-family': 'system-ui' };
    const rule = { stroke: ink, 'stroke-opacity': 0.14, 'stroke-width': 1 };
    for (const tick of this.ticks(scale)) {
      const at = y(tick);
      mark(this.svg, 'line', { x1: box.left, x2: box.right, y1: at, y2: at, ...rule });
      const label = this.quantity === 'accuracy' ? `${Math.round(tick * 100)} %` : short(tick);
      mark(this.svg, 'text', { x: box.left - 6, y: at + 4, 'text-anchor': 'end', ...text }, label);
    }
    for (const tick of niceTicks(0, last, width > 300 ? 5 : 3)) {
      const at = this.x(tick);
      mark(this.svg, 'line', { x1: at, x2: at, y1: box.bottom, y2: box.bottom + 4,
        stroke: ink, 'stroke-opacity': 0.5 });
      const anchor = at > box.right - 14 ? 'end' : 'middle';
      mark(this.svg, 'text', { x: at, y: height - 6, 'text-anchor': anchor, ...text },
        tick.toLocaleString('en'));
    }
    mark(this.svg, 'text', { x: box.left - 6, y: height - 6, 'text-anchor': 'end', ...text }, 'epoch');
    if (ceiling !== null && this.quantity === 'accuracy') {
      mark(this.svg, 'line', { x1: box.left, x2: box.right, y1: y(ceiling), y2: y(ceiling),
        stroke: ink, 'stroke-width': 1.2, 'stroke-dasharray': '2 4' });
    }
    const usable = rows.epoch.map((_, i) => i);
    for (const part of ['train', 'test']) {
      const curve = rows[`${part}_${this.quantity}`];
      const colour = SETTINGS.curves[part];
      const path = (values, order) => order.filter((i) => values[i] !== null)
        .map((i) => `${this.x(rows.epoch[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`).join('L');
      if (curve.low) {
        const back = [...usable].reverse();
        mark(this.svg, 'path', { d: `M${path(curve.low, usable)}L${path(curve.high, back)}Z`,
          fill: colour, 'fill-opacity': 0.2 });
      }
      mark(this.svg, 'path', { d: `M${path(curve.mean, usable)}`, fill: 'none', stroke: colour,
        'stroke-width': 2, 'stroke-linejoin': 'round',
        ...(part === 'test' ? { 'stroke-dasharray': '6 3' } : {}) });
    }
    this.cursor = mark(this.svg, 'line', { y1: box.top, y2: box.bottom, stroke: ink,
      'stroke-width': 1.5 });
  }

  ticks({ low, high, log }) {
    if (!log) return niceTicks(low, high, 4);
    const powers = [];
    for (let p = Math.ceil(Math.log10(low)); p <= Math.log10(high); p += 1) powers.push(10 ** p);
    return powers.length > 1 ? powers : [low, high];
  }

  move(epoch) {
    if (!this.rows || !this.rows.epoch.length) return;
    const at = this.x(epoch);
    this.cursor.setAttribute('x1', at);
    this.cursor.setAttribute('x2', at);
    let i = this.rows.epoch.findIndex((value) => value >= epoch);
    if (i < 0) i = this.rows.epoch.length - 1;
    const say = (value) => {
      if (value === null) return 'not a number';
      return this.quantity === 'accuracy' ? percent(value) : value.toPrecision(3);
    };
    const [train, test] = ['train', 'test'].map((p) => say(this.rows[`${p}_${this.quantity}`].mean[i]));
    this.readout.replaceChildren(
      node('span', { class: 'train-key' }, `train ${train}`),
      node('span', { class: 'test-key' }, `test ${test}`),
    );
    this.svg.setAttribute('aria-label',
      `${this.title} by epoch. At epoch ${this.rows.epoch[i]}: train ${train}, test ${test}.`);
  }
}

// The axes that hold the curves of all stages, so that they can be compared by eye.
function sharedScale(stages, quantity) {
  const values = [];
  let last = 1;
  for (const { rows, planned, ended } of stages) {
    for (const part of ['train', 'test']) {
      const curve = rows[`${part}_${quantity}`];
      values.push(...curve.mean, ...(curve.low || []), ...(curve.high || []));
    }
    last = Math.max(last, ended ? rows.epoch[rows.epoch.length - 1] || 1 : planned);
  }
  const seen = values.filter((value) => value !== null);
  const [least, most] = seen.length
    ? [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))] : [0, 1];
  if (quantity === 'accuracy') return { low: Math.floor(least * 10) / 10, high: 1, log: false, last };
  const log = least > 0 && most / least > 60;
  return { low: log ? least : 0, high: most || 1, log, last };
}
