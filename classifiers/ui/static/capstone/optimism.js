// A dot and its interval for each way to choose an epoch, as Python sent them.
import { drawChart } from '../charts/chart.js';
import { offerToSave } from '../charts/figure.js';

export function start({ element, props }) {
  const root = element.querySelector('.sweep');
  const show = () => { if (props.value) draw(root, JSON.parse(props.value)); };
  offerToSave(root, 'optimism');
  new ResizeObserver(show).observe(root);
  show();
  return show;
}

function draw(root, { dots, range, ticks }) {
  root.classList.toggle('has-data', dots.length > 0);
  if (!dots.length || !root.clientWidth) return;
  const x = { range: [-0.6, dots.length - 0.4], name: 'points that chose the epoch', ticks };
  drawChart(root.querySelector('[data-chart="optimism"]'), {
    label: 'Optimism of each way to choose the epoch', x,
    y: { range, name: 'points of accuracy', percent: true },
    lines: [{ x: x.range, y: [0, 0], kind: 'limit' }],
    dots: dots.map((dot, i) => ({ x: i, ...dot })),
  });
}
