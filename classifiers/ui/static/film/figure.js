// The film as a file: pictures, legends and curves of all stages in one SVG, or that as PNG.
import { saveSvg, styledCopy } from '../charts/save.js';
import { mark, newSvg, setAll } from '../charts/svg.js';

const SIZE = 420;
const GAP = 24;

export function saveFigure(player, kind) {
  const style = getComputedStyle(player.stages[0].picture.canvas);
  const paper = style.getPropertyValue('--film-paper').trim() || 'white';
  const width = player.stages.length * (SIZE + GAP) + GAP;
  const height = SIZE + 380;
  const svg = newSvg({ width, height, viewBox: `0 0 ${width} ${height}`, color: style.color,
    'font-family': 'system-ui' });
  mark(svg, 'rect', { width, height, fill: paper });
  player.stages.forEach((stage, i) => {
    const epoch = stage.frameAt(player.moments[player.at])?.epoch ?? 0;
    addStage(svg, stage, { left: GAP + i * (SIZE + GAP), epoch, ink: style.color,
      palette: player.settings.palette });
  });
  saveSvg(svg, 'run', kind);
}

function addStage(svg, stage, { left, epoch, ink, palette }) {
  mark(svg, 'text', { x: left, y: 26, fill: ink, 'font-size': 15, 'font-weight': 600 },
    `${stage.start.title}, epoch ${epoch.toLocaleString('en')}`);
  mark(svg, 'image', { x: left, y: 38, width: SIZE, height: SIZE,
    href: stage.picture.canvas.toDataURL('image/png') });
  for (let k = 0; k < stage.start.classes; k += 1) {
    const x = left + 34 + (k % 4) * 90;
    const y = SIZE + 54 + 18 * Math.floor(k / 4);
    mark(svg, 'circle', { cx: x, cy: y - 4, r: 5, fill: palette[k] });
    const name = stage.start.names[k].slice(0, 12);
    mark(svg, 'text', { x: x + 10, y, fill: ink, 'font-size': 12 }, name);
  }
  [stage.loss, stage.accuracy].forEach((chart, row) => {
    const top = SIZE + 96 + row * 146;
    mark(svg, 'text', { x: left, y: top - 6, fill: ink, 'font-size': 12 },
      `${chart.title}: solid on training points, dashed on test points`);
    if (chart.svg) {
      svg.append(setAll(styledCopy(chart.svg), { x: left, y: top, width: SIZE, height: 124 }));
    }
  });
}
