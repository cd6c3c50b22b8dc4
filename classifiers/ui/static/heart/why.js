// Shows explanations that Python computed, positions of bars included.
import { drawChart } from '../charts/chart.js';
import { node, partsOf } from '../page/dom.js';

export function start({ element, props }) {
  const part = partsOf(element.querySelector('.why'));
  const show = () => { if (props.value) explain(part, JSON.parse(props.value)); };
  show();
  return show;
}

function explain(part, value) {
  for (const name of ['base', 'total', 'change', 'unusual']) part(name).textContent = value[name];
  part('waterfall').replaceChildren(...value.steps.map(step));
  const figures = value.fields.map(card);
  part('cards').replaceChildren(...figures);
  // A chart takes the width of its place in the page, so it is drawn after it is there.
  value.fields.forEach((field, i) => { if (!field.options) plot(field, figures[i]); });
}

function step({ label, value, from, to, up, amount }) {
  return node('li', {},
    node('div', { class: 'name' }, `${label} `, node('span', {}, value)),
    bar(from, to, up), node('div', { class: 'amount' }, amount));
}

function bar(from, to, up) {
  const fill = node('i', { class: up ? 'up' : '' });
  fill.style.left = `${from}%`;
  fill.style.width = `${to - from}%`;
  return node('div', { class: 'track' }, fill);
}

function card({ label, options }) {
  const body = options ? node('ul', { class: 'options' }, ...options.map(option))
    : node('div', { class: 'plot' });
  return node('figure', {}, node('figcaption', {}, label), body);
}

function option({ label, share, text, own }) {
  return node('li', { class: own ? 'own' : '' }, node('span', {}, label),
    bar(0, share, true), node('b', {}, text));
}

function plot(field, figure) {
  drawChart(figure.querySelector('.plot'), {
    label: `Risk against ${field.label}`,
    x: { range: field.range, name: field.unit }, y: { range: [0, 1], name: 'risk', percent: true },
    lines: [{ x: field.values, y: field.probability, kind: 'first' }], markers: ['first'],
  }).mark(0, field.own_value, field.own_probability);
}
