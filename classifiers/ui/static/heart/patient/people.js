// A hundred persons, the count filled, the interval a band behind them, and the count of the
// patient before as a contour.
import { mark, newSvg } from '../../charts/svg.js';

const PERSON = 'M0-8.6a3.1 3.1 0 1 1 0 6.2a3.1 3.1 0 1 1 0-6.2zM-5.3 8.4v-3.5a5.3 5.3 0 0 1 10.6 0'
  + 'v3.5a.7.7 0 0 1-.7.7h-9.2a.7.7 0 0 1-.7-.7z';
const SIDE = 21.5;
const EVERYBODY = 100;

export const ofHundred = (share) => Math.round(EVERYBODY * share);

// before: the risk to draw the contour of, or null. Gives the drawing, `width` pixels wide at most.
export function drawPeople({ probability, low, high }, before, width, label) {
  const columns = width > 260 ? 20 : 10;
  const side = Math.min(SIDE, width / columns);
  const rows = EVERYBODY / columns;
  const size = [columns * side, rows * SIDE];
  const svg = newSvg({ viewBox: `0 0 ${size.join(' ')}`, width: size[0], height: size[1],
    role: 'img', 'aria-label': label });
  for (let row = 0; row < rows; row += 1) {
    const from = Math.max(ofHundred(low), row * columns);
    const to = Math.min(ofHundred(high), (row + 1) * columns);
    if (to > from) {
      mark(svg, 'rect', { x: (from - row * columns) * side, y: row * SIDE,
        width: (to - from) * side, height: SIDE, class: 'band' });
    }
  }
  const scale = Math.min(0.92, side / 17.5);
  for (let i = 0; i < EVERYBODY; i += 1) {
    const [x, y] = [(i % columns + 0.5) * side, (Math.floor(i / columns) + 0.5) * SIDE];
    mark(svg, 'path', { d: PERSON, transform: `translate(${x} ${y}) scale(${scale})`,
      class: i < ofHundred(probability) ? 'person sick' : 'person well' });
  }
  if (before !== null) contour(svg, ofHundred(before), columns, side);
  return svg;
}

function contour(svg, count, columns, side) {
  const [row, rest] = [Math.floor(count / columns), count % columns];
  const top = row * SIDE;
  const d = rest ? `M0 ${top + SIDE}H${rest * side}V${top}H${columns * side}`
    : `M0 ${top}H${columns * side}`;
  mark(svg, 'path', { d, class: 'contour halo' });
  mark(svg, 'path', { d, class: 'contour' });
}
