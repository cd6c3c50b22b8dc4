// The record on one page: what the model is for, three figures in doubt, calibration and net
// benefit. Every number and every text comes from Python.
import { drawChart } from '../../charts/chart.js';
import { node, tellProblem } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { drawHistogram, drawRows } from './figures.js';

const HEIGHT = 212; // of the two charts: the page's first screen ends below them
const SHARE = { range: [0, 1], percent: true };

export function start({ element, props }) {
  const root = element.querySelector('.record');
  watchWords(element.closest('[role=tabpanel]'), 'heart'); // the card, too
  let value = null;
  const draw = () => { if (value?.calibration && root.clientWidth) drawCharts(root, value); };
  const show = () => {
    if (!props.value) return;
    value = JSON.parse(props.value);
    fill(root, value);
    draw();
  };
  new ResizeObserver(draw).observe(root);
  show();
  return show;
}

function fill(root, value) {
  if (tellProblem(root, value)) return;
  const { purpose, figures, calibration, benefit, patients } = value;
  root.replaceChildren(
    node('div', { class: 'two' }, list('What it is for', purpose.for, 'for'),
      list('What it is not for', purpose.not_for, 'not-for')),
    node('div', { class: 'three' }, ...figures.map(figureCard)),
    node('div', { class: 'three' },
      chartCard('calibration', 'Said and found', calibration.says),
      chartCard('benefit', 'Net benefit', benefit.says, [['', 'this network, 95 %'],
        ['faint', 'everybody or nobody']]),
      patientsCard(patients)));
}

function list(title, items, kind) {
  return node('div', { class: `card ${kind}` }, node('h3', {}, title),
    node('ul', {}, ...items.map((item) => node('li', {}, item))));
}

function figureCard(about) {
  const picture = about.sets ? drawHistogram(about) : drawRows(about.rows);
  return node('div', { class: 'card', 'data-figure': about.key },
    node('p', { class: 'value' }, node('b', {}, about.value),
      node('span', {}, ` ${about.interval}`)),
    node('p', {}, about.says, node('span', { class: 'quiet' }, ` ${about.note}`)),
    picture, node('p', { class: 'quiet' }, about.below));
}

function chartCard(name, title, says, legend = []) {
  return node('figure', {}, node('figcaption', {}, title), node('p', { class: 'quiet' }, says),
    node('div', { class: 'legend' }, ...legend.map(([kind, text]) =>
      node('span', {}, node('i', { class: `key ${kind}` }), text))),
    node('div', { 'data-chart': name }));
}

function patientsCard({ says, groups, cases, others, below, size }) {
  const most = Math.max(...groups.map((group) => group.cases + group.others));
  return node('figure', {}, node('figcaption', {}, 'Who it was fitted to'),
    node('p', { class: 'quiet' }, says),
    node('ul', { class: 'bars' }, ...groups.map((group) => patientBar(group, most))),
    node('p', {}, node('b', { class: 'sick' }, `${cases} with`), ' and ',
      node('b', { class: 'well' }, `${others} without`), ' disease. ',
      node('span', { class: 'quiet' }, below)),
    node('p', {}, size));
}

function patientBar({ name, cases, others }, most) {
  const bar = (count, kind) => {
    const made = node('span', { class: kind }, String(count));
    made.style.width = `${(100 * count) / most}%`;
    return made;
  };
  return node('li', {}, node('span', {}, name), node('span', { class: 'bar',
    role: 'img', 'aria-label': `${cases} with disease, ${others} without` },
  bar(cases, 'sick-bar'), bar(others, 'well-bar')));
}

function drawCharts(root, { calibration, benefit }) {
  const holder = (name) => root.querySelector(`[data-chart="${name}"]`);
  drawChart(holder('calibration'), {
    label: 'Share found against the risk that was said', height: HEIGHT,
    x: { ...SHARE, name: 'said' }, y: { ...SHARE, name: 'found' },
    lines: [{ x: [0, 1], y: [0, 1], kind: 'faint' }],
    dots: calibration.groups.map(({ predicted, observed: { value, low, high } }) =>
      ({ x: predicted, y: value, low, high })),
  });
  const { thresholds: x, model, treat_all: everybody } = benefit;
  drawChart(holder('benefit'), {
    label: 'Net benefit against the threshold', height: HEIGHT,
    x: { ...SHARE, name: 'threshold' },
    y: { range: [-0.1, Math.max(0.1, ...model.high)], name: 'net benefit' },
    bands: [{ x, low: model.low, high: model.high, kind: 'first' }],
    lines: [{ x, y: everybody, kind: 'faint' }, { x: [0, 1], y: [0, 0], kind: 'faint' },
      { x, y: model.value, kind: 'first' }],
  });
}
