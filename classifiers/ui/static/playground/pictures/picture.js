// The big picture: classes, confidence, disagreement, or the space as a layer sees it. It only
// draws; what a press on it means is decided elsewhere.
import { node, sizeOf } from '../../page/dom.js';
import { BestEdge } from './best.js';
import { css } from './colours.js';
import { drawAxes, drawCrosshair, drawDots, drawPoints } from './marks.js';
import { paintRegions } from './regions.js';
import { confidencePixels, disagreementPixels, disagreementShares, putPixels } from './shades.js';
import { drawSpace, foldedSpace } from './space.js';

export class Picture {
  constructor(box) {
    this.box = box;
    this.below = node('canvas', { class: 'below' });
    this.above = node('canvas', { class: 'above' });
    this.small = node('canvas');
    box.prepend(this.below, this.above);
    this.basis = null;
    this.image = null;
    this.over = []; // what the upper layer shows
    this.best = new BestEdge();
  }

  // Pixels a side, and how many of them make one of the page's.
  measure() {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const size = Math.round(sizeOf(this.box)[0] * ratio);
    for (const canvas of [this.below, this.above]) {
      if (canvas.width !== size || canvas.height !== size) { // 300 is a new canvas' own width
        [canvas.width, canvas.height] = [size, size];
      }
    }
    return { ratio, size };
  }

  // show: {view, layer, training, test, best, probe, own, small}; `own`: points that the film has
  // not yet; `small`: one of several, too small for ticks.
  // Returns what share of the variance a folded space shows.
  draw(reading, show, colours) {
    const frame = { ...this.measure(), show };
    if (!frame.size) return null;
    const { film } = reading;
    const over = this.above.getContext('2d');
    const context = this.below.getContext('2d', { willReadFrequently: true });
    if (reading.broken) {
      context.fillStyle = css(colours.wash);
      context.fillRect(0, 0, frame.size, frame.size);
    } else if (show.view === 'space') {
      this.over = [];
      over.clearRect(0, 0, frame.size, frame.size);
      return this.space(context, over, reading, colours, frame);
    } else this.regions(context, reading, colours, frame);
    if (this.isOver(film, colours, frame)) return null;
    over.clearRect(0, 0, frame.size, frame.size);
    if (show.best && film.bayes) {
      drawDots(over, this.best.path(film, frame.size), colours, frame);
    }
    const place = (point) => this.place(point, film.start.extent, frame.size);
    const points = show.own?.map(([x, y, label]) => ({ x, y, label, part: 0 })) ?? film.points;
    drawPoints(over, points, (i) => place(points[i]), colours, frame);
    this.box.classList.toggle('sketched', Boolean(show.own));
    if (!show.small) drawAxes(over, film.start.extent, colours, frame);
    if (show.probe) drawCrosshair(over, place(show.probe), colours, frame);
    return null;
  }

  // Whether all that lies over the regions is there already. It does not follow the moments.
  isOver(film, colours, { size, ratio, show }) {
    const { probe } = show;
    const wanted = [film.points, film.bayes, show.own, colours, size, ratio, show.training,
      show.test, show.best, probe?.x, probe?.y, show.own?.length];
    const same = wanted.length === this.over.length
      && wanted.every((value, i) => value === this.over[i]);
    this.over = wanted;
    return same && !show.own; // own points change in place
  }

  place({ x, y }, [xMin, xMax, yMin, yMax], size) {
    return [((x - xMin) / (xMax - xMin)) * size, ((yMax - y) / (yMax - yMin)) * size];
  }

  regions(context, reading, colours, { size, ratio, show }) {
    const { view } = show;
    const fill = view === 'classes';
    if (!fill) {
      putPixels(this.small, this.shades(reading, view, colours));
      const { cells } = reading;
      context.imageSmoothingEnabled = true;
      context.imageSmoothingQuality = 'high';
      context.drawImage(this.small, 0.5, 0.5, cells, cells, 0, 0, size, size);
    }
    const image = fill ? this.canvasOf(context, size) : context.getImageData(0, 0, size, size);
    const { scores, cells, parts, ask, film } = reading;
    const alpha = { classes: 0.85, confidence: 0.8, disagreement: 0.45 }[view];
    paintRegions(new Uint32Array(image.data.buffer), size,
      { scores, cells, parts, ask, extent: film.start.extent }, colours,
      { fill, alpha, line: Math.max(1.4 * ratio, size / 400) });
    context.putImageData(image, 0, 0);
  }

  // Pixels that are all painted anew, so that they can be the last picture's.
  canvasOf(context, size) {
    if (this.image?.width !== size) this.image = context.createImageData(size, size);
    return this.image;
  }

  shades(reading, view, colours) {
    if (view === 'confidence') return confidencePixels(reading.probabilities, colours);
    const { moment, labels, film } = reading;
    const shares = reading.network ? disagreementShares(reading.answers, labels)
      : spriteShares(moment.disagreement, film.start);
    return disagreementPixels(shares, labels, colours);
  }

  space(context, over, reading, colours, frame) {
    const { film, values, cells, scores, network, moment } = reading;
    const layer = Math.min(frame.show.layer, film.start.widths.length);
    const all = network.inputs({ xs: film.points.map(({ x }) => x),
      ys: film.points.map(({ y }) => y) });
    const folded = foldedSpace({ grid: values[layer], cells, scores, before: this.basis,
      points: network.values(moment.members[0], all)[layer], size: frame.size });
    this.basis = folded.basis;
    drawSpace(context, folded, colours, frame);
    drawPoints(over, film.points, folded.place, colours, frame);
    return folded.basis.share;
  }
}

function spriteShares(counts, { side, members }) {
  const shares = new Float64Array((side + 1) ** 2);
  if (!counts) return shares;
  for (let row = 0; row <= side; row += 1) {
    for (let column = 0; column <= side; column += 1) {
      const pixel = counts[Math.min(side - 1, row) * side + Math.min(side - 1, column)];
      shares[row * (side + 1) + column] = pixel / members;
    }
  }
  return shares;
}
