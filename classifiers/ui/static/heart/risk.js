// Shows one prediction and moves the threshold over it. Every number comes from Python: the
// decision is the row that Python computed for the slider's position.
import { scale } from '../charts/scale.js';
import { mark, newSvg, setAll } from '../charts/svg.js';
import { node, partsOf } from '../page/dom.js';

const SIDE = 9;
const MIDDLE = 84;
const HALF = 62;

export function start({ element, props }) {
  const risk = new Risk(element.querySelector('.risk'));
  const show = () => { if (props.value) risk.show(JSON.parse(props.value)); };
  show();
  return show;
}

class Risk {
  constructor(root) {
    this.root = root;
    this.part = partsOf(root);
    this.slider = this.part('slider');
    this.shown = null;
    this.moved = false;
    this.slider.addEventListener('input', () => {
      this.moved = true;
      this.moveCut();
    });
    this.part('reset').addEventListener('click', () => {
      this.moved = false;
      this.slider.value = this.shown.own_row;
      this.moveCut();
    });
    new ResizeObserver(() => { if (this.shown) this.draw(); }).observe(this.part('chart'));
  }

  show(prediction) {
    this.shown = prediction;
    this.root.dataset.state = prediction.state;
    this.write('headline', prediction.headline);
    this.write('interval', prediction.interval);
    this.write('message', prediction.message);
    this.part('doubts').replaceChildren(...prediction.doubts.map((line) => node('li', {}, line)));
    this.slider.max = prediction.rows.length - 1;
    if (!this.moved) this.slider.value = prediction.own_row;
    this.draw();
  }

  write(name, text) {
    this.part(name).textContent = text;
  }

  draw() {
    const chart = this.part('chart');
    const width = Math.max(240, chart.clientWidth);
    this.at = scale({ range: [0, 1] }, SIDE, width - SIDE);
    const svg = newSvg({ viewBox: `0 0 ${width} 190`, role: 'img',
      'aria-label': this.shown.chart_label });
    this.drawPatients(svg);
    this.drawAxis(svg);
    if (this.shown.state === 'ok') this.drawRisk(svg);
    mark(svg, 'line', { y1: 16, y2: 166, class: 'cut' });
    chart.replaceChildren(svg);
    this.moveCut();
  }

  // The study's patients: those with disease above the axis, those without below.
  drawPatients(svg) {
    const { at } = this;
    const { with_disease: sick, without_disease: well, edges, most } = this.shown.histogram;
    for (let i = 0; i + 1 < edges.length; i += 1) {
      const [x, width] = [at(edges[i]) + 0.5, at(edges[i + 1]) - at(edges[i]) - 1];
      const [up, down] = [(HALF * sick[i]) / most, (HALF * well[i]) / most];
      mark(svg, 'rect', { x, y: MIDDLE - up, width, height: up, class: 'sick' });
      mark(svg, 'rect', { x, y: MIDDLE, width, height: down, class: 'well' });
    }
    mark(svg, 'line', { x1: at(0), x2: at(1), y1: MIDDLE, y2: MIDDLE, class: 'axis' });
    const { legend } = this.shown;
    mark(svg, 'text', { x: at(0), y: 12, class: 'note' }, legend.with_disease);
    mark(svg, 'text', { x: at(1), y: 160, class: 'note', 'text-anchor': 'end' },
      legend.without_disease);
  }

  drawAxis(svg) {
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const x = this.at(share);
      const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
      mark(svg, 'text', { x, y: 184, class: 'tick', 'text-anchor': anchor }, `${share * 100} %`);
      mark(svg, 'line', { x1: x, x2: x, y1: 166, y2: 171, class: 'axis' });
    }
  }

  drawRisk(svg) {
    const [low, x, high] = ['low', 'probability', 'high'].map((key) => this.at(this.shown[key]));
    mark(svg, 'rect', { x: low, y: 20, width: high - low, height: 128, class: 'band' });
    mark(svg, 'line', { x1: x, x2: x, y1: 20, y2: 148, class: 'patient' });
  }

  moveCut() {
    const row = this.shown.rows[this.slider.value];
    const x = this.at(row.threshold);
    setAll(this.part('chart').querySelector('.cut'), { x1: x, x2: x });
    this.slider.setAttribute('aria-valuetext', row.label);
    this.write('threshold', row.label);
    this.write('operating', row.operating);
    const ok = this.shown.state === 'ok';
    const positive = Number(this.slider.value) <= this.shown.positive_up_to;
    const decision = this.part('decision');
    decision.textContent = ok ? this.shown.decisions[positive ? 1 : 0] : '';
    decision.dataset.positive = ok ? String(positive) : '';
  }
}
