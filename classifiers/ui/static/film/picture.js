// The picture of one run: regions, boundaries, points and axes on a canvas.
import { short, ticks } from '../charts/scale.js';
import { node } from '../page/dom.js';
import { colourTable, contour, neuronPixels, shadeDisagreement } from './planes.js';

const MARGIN = { left: 34, right: 8, top: 8, bottom: 22 };

export class Picture {
  constructor(stage, settings) {
    this.stage = stage;
    this.settings = settings;
    this.canvas = node('canvas', { tabindex: 0, role: 'img', class: 'picture' });
    this.canvas.addEventListener('click', (event) => this.click(event));
    this.pixels = node('canvas');
    this.tables = {};
    this.peek = null; // the neuron that is looked at closely
    this.reset();
  }

  reset() {
    this.dots = null;
    this.contours = new Map();
  }

  // The geometry of the picture in CSS pixels.
  box() {
    const size = this.canvas.clientWidth || 320;
    return { size, left: MARGIN.left, top: MARGIN.top,
      width: size - MARGIN.left - MARGIN.right, height: size - MARGIN.top - MARGIN.bottom };
  }

  place({ x, y }, box) {
    const [xMin, xMax, yMin, yMax] = this.stage.start.extent;
    return [box.left + ((x - xMin) / (xMax - xMin)) * box.width,
      box.top + ((yMax - y) / (yMax - yMin)) * box.height];
  }

  click(event) {
    const { start } = this.stage;
    if (!start) return;
    const box = this.box();
    const [xMin, xMax, yMin, yMax] = start.extent;
    const bounds = this.canvas.getBoundingClientRect();
    const across = (event.clientX - bounds.left - box.left) / box.width;
    const down = (event.clientY - bounds.top - box.top) / box.height;
    if (across < 0 || across > 1 || down < 0 || down > 1) return;
    this.stage.clicked({ x: xMin + across * (xMax - xMin), y: yMax - down * (yMax - yMin) });
  }

  draw(frame, show) {
    const { stage } = this;
    const box = this.box();
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(box.size * ratio)) {
      this.canvas.width = Math.round(box.size * ratio);
      this.canvas.height = this.canvas.width;
      this.dots = null;
    }
    const style = getComputedStyle(this.canvas);
    const context = this.canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, box.size, box.size);
    context.imageSmoothingQuality = 'high';
    if (frame) this.paint(context, frame, box, show, style.color);
    if (show.bayes && stage.bayes) {
      context.strokeStyle = style.color;
      context.lineWidth = 2;
      context.setLineDash([2, 5]);
      this.strokeContour(context, stage.bayes, stage.start.bayes_side, box);
      context.setLineDash([]);
    }
    this.drawPoints(context, box, ratio, show, style);
    this.drawAxes(context, box, style);
    if (stage.picked) this.drawPicked(context, box, style.color);
  }

  paint(context, frame, box, show, ink) {
    if (this.peek !== null && frame.neurons) {
      const tile = this.stage.tiles[this.peek];
      this.paintNeuron(tile, frame, this.peek);
      context.drawImage(tile, box.left, box.top, box.width, box.height);
      return;
    }
    const { side, members } = this.stage.start;
    this.pixels.width = side;
    this.pixels.height = side;
    const image = new ImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const table = (this.tables[show.view] ||= colourTable(show.view, this.settings));
    for (let i = 0; i < pixels.length; i += 1) pixels[i] = table[frame.region[i]];
    if (show.view === 'disagreement' && frame.disagreement) {
      shadeDisagreement(pixels, frame.disagreement, members, ink);
    }
    this.pixels.getContext('2d').putImageData(image, 0, 0);
    context.drawImage(this.pixels, box.left, box.top, box.width, box.height);
    context.strokeStyle = ink;
    context.lineWidth = 1.25;
    this.strokeContour(context, frame.region, side, box);
  }

  strokeContour(context, plane, side, box) {
    if (!this.contours.has(plane)) {
      const path = new Path2D();
      for (const [x1, y1, x2, y2] of contour(plane, side, this.settings.levels)) {
        path.moveTo(x1, y1);
        path.lineTo(x2, y2);
      }
      this.contours.set(plane, path);
    }
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    const scaled = new Path2D();
    const matrix = new DOMMatrix([box.width / side, 0, 0, box.height / side, box.left, box.top]);
    scaled.addPath(this.contours.get(plane), matrix);
    context.stroke(scaled);
    context.restore();
  }

  paintNeuron(tile, frame, unit) {
    if (!frame.neurons) return;
    const side = this.settings.neuronSide;
    const image = new ImageData(side, side);
    new Uint32Array(image.data.buffer).set(neuronPixels(frame.neurons, unit, this.settings));
    tile.getContext('2d').putImageData(image, 0, 0);
  }

  // Points do not move while the film plays: they are drawn once on a layer of their own.
  drawPoints(context, box, ratio, show, style) {
    const { points } = this.stage;
    const wanted = `${show.train}${show.test}${style.color}`;
    if (!this.dots || this.dotsFor !== wanted) {
      this.dotsFor = wanted;
      this.dots = node('canvas', { width: this.canvas.width, height: this.canvas.height });
      const layer = this.dots.getContext('2d');
      layer.scale(ratio, ratio);
      const paper = style.getPropertyValue('--film-paper').trim() || 'white';
      const radius = Math.min(5, Math.max(2, (box.size / 130) * (400 / points.length) ** 0.2));
      for (const point of points) {
        const test = point.part === 1;
        if (test ? !show.test : !show.train) continue;
        const colour = this.settings.palette[point.label];
        const [x, y] = this.place(point, box);
        layer.beginPath();
        layer.arc(x, y, test ? radius + 0.5 : radius, 0, 7);
        layer.fillStyle = test ? paper : colour;
        layer.fill();
        layer.lineWidth = test ? 2.2 : 0.8;
        layer.strokeStyle = test ? colour : paper;
        layer.stroke();
      }
    }
    context.drawImage(this.dots, 0, 0, box.size, box.size);
  }

  drawAxes(context, box, style) {
    const [xMin, xMax, yMin, yMax] = this.stage.start.extent;
    context.fillStyle = style.color;
    context.strokeStyle = style.color;
    context.lineWidth = 1;
    context.font = '11px system-ui, sans-serif';
    context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
    context.textAlign = 'center';
    for (const tick of ticks(xMin, xMax, 5)) {
      const [x] = this.place({ x: tick, y: yMin }, box);
      context.fillRect(x, box.top + box.height, 1, 4);
      context.fillText(short(tick), x, box.size - 6);
    }
    context.textAlign = 'right';
    for (const tick of ticks(yMin, yMax, 5)) {
      const [, y] = this.place({ x: xMin, y: tick }, box);
      context.fillRect(box.left - 4, y, 4, 1);
      context.fillText(short(tick), box.left - 7, y + 4);
    }
  }

  drawPicked(context, box, ink) {
    const [x, y] = this.place(this.stage.picked, box);
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 9, 0, 7);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 5 * dx, y + 5 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    }
    context.stroke();
  }
}
