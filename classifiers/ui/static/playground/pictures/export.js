// The picture as a file: with its key, its curves, and the settings that made it.
import { saveSvg, styledCopy } from '../../charts/save.js';
import { mark, newSvg, setAll } from '../../charts/svg.js';
import { css } from './colours.js';

const [SIZE, GAP] = [520, 24];

// told: {title, lines}: the heading and the settings.
export function saveFigure(picture, curves, { film, colours, title, lines }, kind) {
  const height = SIZE + 330 + 16 * lines.length;
  const width = SIZE + 2 * GAP;
  const ink = css(colours.ink);
  const svg = newSvg({ width, height, viewBox: `0 0 ${width} ${height}`, color: ink,
    'font-family': 'system-ui' });
  mark(svg, 'rect', { width, height, fill: css(colours.paper) });
  const write = (x, y, text, size = 12) =>
    mark(svg, 'text', { x, y, fill: ink, 'font-size': size }, text);
  write(GAP, 26, title, 15);
  for (const layer of [picture.below, picture.above]) {
    mark(svg, 'image', { x: GAP, y: 40, width: SIZE, height: SIZE,
      href: layer.toDataURL('image/png') });
  }
  const top = SIZE + 60;
  let right = GAP;
  for (let k = 0; k < film.classes; k += 1) {
    const name = film.label(k);
    mark(svg, 'circle', { cx: right + 6, cy: top - 4, r: 5, fill: css(colours.classes[k]) });
    write(right + 16, top, name);
    right += 32 + 8 * name.length;
  }
  write(right + 16, top, 'filled: training, rings: test');
  curves.plots.forEach(({ svg: plot, quantity }, i) => {
    const left = GAP + i * (SIZE / 2 + 8);
    write(left, top + 30, quantity === 'loss' ? 'Loss: solid on training points, dashed on test'
      : 'Accuracy, the same');
    const copy = styledCopy(plot);
    const [w, h] = [plot.clientWidth || 250, plot.clientHeight || 110];
    svg.append(setAll(copy, { x: left, y: top + 40, width: SIZE / 2 - 8,
      height: 150, viewBox: `0 0 ${w} ${h}` }));
  });
  lines.forEach((line, i) => write(GAP, top + 216 + 16 * i, line, 11));
  saveSvg(svg, 'run', kind);
}
