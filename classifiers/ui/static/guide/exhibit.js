// What is looked at with a question or an answer: a table, or small charts side by side.
import { drawChart } from '../charts/chart.js';
import { node } from '../page/dom.js';

export function showExhibit(place, exhibit) {
  place.replaceChildren();
  if (exhibit?.rows) place.append(tableOf(exhibit));
  else if (exhibit?.charts) drawAll(place, exhibit);
}

function tableOf({ head, rows }) {
  const cells = ([first, ...rest]) => [node('th', { scope: 'row' }, first),
    ...rest.map((text) => node('td', {}, text))];
  return node('table', {},
    node('thead', {}, node('tr', {}, ...head.map((text) => node('th', { scope: 'col' }, text)))),
    node('tbody', {}, ...rows.map((row) => node('tr', {}, ...cells(row)))));
}

function drawAll(place, { y, x, charts }) {
  const values = Object.values(charts).flatMap((lines) => Object.values(lines).flat())
    .filter(Number.isFinite);
  const range = [Math.min(0, ...values), Math.max(...values)];
  for (const [name, lines] of Object.entries(charts)) {
    const holder = node('div', { class: 'guide-chart' });
    place.append(node('figure', {}, node('figcaption', {}, name), holder));
    drawChart(holder, { label: `${name}: ${y} by epoch, ${Object.keys(lines).join(' and ')}`,
      strip: '', height: 120, x: { range: [x[0], x.at(-1)], name: 'epoch', whole: true },
      y: { range, name: y },
      lines: Object.entries(lines).map(([kind, line]) => ({ x, y: line, kind })) });
  }
  const kinds = [...new Set(Object.values(charts).flatMap(Object.keys))];
  place.append(node('p', { class: 'key' },
    ...kinds.map((kind) => node('span', { class: `of ${kind}` }, kind))));
}
