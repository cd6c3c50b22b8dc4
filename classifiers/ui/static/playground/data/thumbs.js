// The data sets as small pictures of their points.
import { node } from '../../page/dom.js';
import { css } from '../pictures/colours.js';

const SIZE = 152; // pixels of the canvas

export class Thumbs {
  // sets: {name: {title, points: [[x, y, class]]}}; thumbnail_points: at most so many are drawn;
  // choose(name).
  constructor(root, { sets, thumbnail_points: most }, choose) {
    Object.assign(this, { sets, most });
    this.buttons = Object.entries(sets).map(([name, { title }]) => {
      const canvas = node('canvas', { width: SIZE, height: SIZE });
      const button = node('button', { type: 'button', class: 'thumb', 'data-set': name }, canvas,
        node('span', {}, title));
      button.addEventListener('click', () => choose(name));
      root.append(button);
      return { name, button, canvas, drawn: '', state: null };
    });
  }

  // points: of the chosen set as they are; own: the visitor's.
  draw(chosen, points, extent, own, colours) {
    for (const thumb of this.buttons) {
      const { name, button } = thumb;
      button.setAttribute('aria-pressed', name === chosen);
      const state = [colours, name === chosen, name === chosen ? points : own];
      if (thumb.state?.every((value, i) => value === state[i])) continue;
      thumb.state = state;
      const usual = this.sets[name].points;
      const shown = name === chosen ? points.map(({ x, y, label }) => [x, y, label])
        : name === 'points' ? own : usual;
      const box = name === chosen ? extent : around(shown);
      const key = `${colours.dark} ${name === chosen} ${shown.join()}`;
      if (key === thumb.drawn) continue;
      thumb.drawn = key;
      this.paint(thumb.canvas, shown, box, colours, name === 'points');
    }
  }

  paint(canvas, points, [xMin, xMax, yMin, yMax], colours, pencil) {
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, SIZE, SIZE);
    const step = Math.max(1, points.length / this.most);
    for (let k = 0; k < points.length; k += step) {
      const [x, y, label] = points[Math.floor(k)];
      context.fillStyle = css(colours.classes[label]);
      context.beginPath();
      context.arc(((x - xMin) / (xMax - xMin)) * SIZE, ((yMax - y) / (yMax - yMin)) * SIZE,
        points.length < 60 ? 5 : 3.2, 0, 7);
      context.fill();
    }
    if (pencil) drawPencil(context, colours);
  }
}

function around(points) {
  if (!points.length) return [-6, 6, -6, 6];
  const [xs, ys] = [0, 1].map((k) => points.map((point) => point[k]));
  const ends = [xs, ys].flatMap((values) =>
    [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]);
  const pad = 0.08 * Math.max(ends[1] - ends[0], ends[3] - ends[2], 1e-9);
  return [ends[0] - pad, ends[1] + pad, ends[2] - pad, ends[3] + pad];
}

function drawPencil(context, colours) {
  context.fillStyle = css(colours.paper);
  context.strokeStyle = css(colours.ink2);
  context.lineWidth = 3.4;
  context.lineJoin = 'round';
  context.beginPath();
  for (const corner of [[60, 100], [64, 84], [100, 48], [112, 60], [76, 96]]) {
    context.lineTo(...corner);
  }
  context.closePath();
  context.fill();
  context.stroke();
}
