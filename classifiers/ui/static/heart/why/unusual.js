// How unusual a patient is: one mark on a strip from ordinary to unusual.
import { mark, newSvg } from '../../charts/svg.js';

const HEIGHT = 36;
const SIDE = 8;

// share: of the training patients who are less unusual; from limit on it is called unusual.
export function drawUnusual(holder, { share, limit, title }) {
  const width = Math.max(200, holder.clientWidth);
  const at = (value) => SIDE + value * (width - 2 * SIDE);
  const svg = newSvg({ viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: 'img',
    'aria-label': title });
  mark(svg, 'rect', { x: at(0), y: 5, width: at(1) - at(0), height: 10, rx: 5, class: 'road' });
  mark(svg, 'rect', { x: at(limit), y: 5, width: at(1) - at(limit), height: 10, rx: 3,
    class: 'beyond' });
  mark(svg, 'circle', { cx: at(share), cy: 10, r: 7, class: 'here' });
  mark(svg, 'text', { x: at(0), y: 32 }, 'ordinary');
  mark(svg, 'text', { x: at(1), y: 32, 'text-anchor': 'end' }, 'unusual');
  holder.replaceChildren(svg);
}
