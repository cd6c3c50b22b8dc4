// What lies over a picture: points, axes, dotted edges, the crosshair at the place that is asked
// about.
import { short, ticks } from '../../charts/scale.js';
import { css } from './colours.js';

export const PARTS = ['training', 'test', 'validation'];

// Filled: training; a ring: test. `place(i)` gives the place of point i on the canvas.
export function drawPoints(context, points, place, colours, { ratio, size, show }) {
  const scale = ratio * Math.max(show.small ? 0.4 : 0.8, Math.min(1.25, size / ratio / 560))
    * (points.length > 1200 ? 0.75 : 1);
  const circle = ([x, y], radius) => {
    context.beginPath();
    context.arc(x, y, radius * scale, 0, 7);
  };
  const paper = css(colours.paper);
  const tints = colours.classes.map((colour) => css(colour));
  for (const test of [false, true]) {
    points.forEach(({ label, part }, i) => {
      if ((part === 1) !== test || !show[test ? 'test' : 'training']) return;
      const at = place(i);
      circle(at, test ? 3.7 : 3.9);
      context.fillStyle = paper;
      context.fill();
      if (test) {
        context.lineWidth = 2.1 * scale;
        context.strokeStyle = tints[label];
        context.stroke();
      } else {
        circle(at, 3);
        context.fillStyle = tints[label];
        context.fill();
      }
    });
  }
}

// Inside the frame, along the bottom and the right.
export function drawAxes(context, [xMin, xMax, yMin, yMax], colours, { ratio, size }) {
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.fillStyle = css(colours.ink, 0.75);
  const rim = size - 9 * ratio;
  for (const value of ticks(xMin, xMax, 5)) {
    const x = ((value - xMin) / (xMax - xMin)) * size;
    context.fillRect(x - ratio / 2, size - 5 * ratio, ratio, 5 * ratio);
    context.textAlign = 'center';
    // The legend lies at the left, the axis' name at the right.
    if (x > 170 * ratio && x < size - 34 * ratio) context.fillText(short(value), x, rim);
  }
  context.textAlign = 'right';
  for (const value of ticks(yMin, yMax, 5)) {
    const y = ((yMax - value) / (yMax - yMin)) * size;
    context.fillRect(size - 5 * ratio, y - ratio / 2, 5 * ratio, ratio);
    if (y > 28 * ratio && y < size - 28 * ratio) context.fillText(short(value), rim, y + 4 * ratio);
  }
  context.font = `italic ${12 * ratio}px system-ui, sans-serif`;
  context.fillText('x₁', rim, rim);
  context.fillText('x₂', rim, 16 * ratio);
}

// A dotted line that reads on any colour.
export function drawDots(context, path, colours, { ratio, show }) {
  const thin = ratio * (show.small ? 0.5 : 1);
  context.lineCap = 'round';
  for (const [width, colour] of [[5.4, colours.paper], [3.2, colours.ink]]) {
    context.strokeStyle = css(colour);
    context.lineWidth = width * thin;
    context.setLineDash([0.1, 8 * thin]);
    context.stroke(path);
  }
  context.setLineDash([]);
  context.lineCap = 'butt';
}

export function drawCrosshair(context, [x, y], colours, { ratio, size }) {
  const gap = 13 * ratio;
  context.strokeStyle = css(colours.ink, 0.55);
  context.lineWidth = 1.25 * ratio;
  context.beginPath();
  for (const [x1, y1, x2, y2] of [[x, 0, x, y - gap], [x, y + gap, x, size],
    [0, y, x - gap, y], [x + gap, y, size, y]]) {
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
  }
  context.stroke();
  for (const [width, colour] of [[5, colours.paper], [2.5, colours.ink]]) {
    context.strokeStyle = css(colour);
    context.lineWidth = width * ratio;
    context.beginPath();
    context.arc(x, y, 11 * ratio, 0, 7);
    context.stroke();
  }
}
