// One run on show: its picture, curves and neurons. A plane of the film is a byte a pixel: class
// and the root of its confidence; here it only meets a table of colours.
const MARGIN = { left: 34, right: 8, top: 8, bottom: 22 };
const CURVES = ['train_loss', 'test_loss', 'train_accuracy', 'test_accuracy'];
const POSITIVE = [15, 130, 120];
const NEGATIVE = [190, 55, 145];

class Stage {
  constructor(player, index) {
    this.player = player;
    this.index = index;
    this.caption = node('figcaption', { class: 'stage-title' });
    this.canvas = node('canvas', { tabindex: 0, role: 'img', class: 'picture' });
    this.legend = node('div', { class: 'legend' });
    this.charts = node('div', { class: 'charts' });
    this.neurons = node('div', { class: 'neurons' });
    this.side = node('div', { class: 'stage-side' }, this.charts, this.neurons);
    const picture = node('div', { class: 'stage-picture' }, this.canvas, this.legend);
    this.root = node('figure', { class: 'stage' }, this.caption, picture, this.side);
    const [loss, accuracy] = [node('div', { class: 'chart' }), node('div', { class: 'chart' })];
    this.charts.append(loss, accuracy);
    this.loss = new Chart(loss, 'Loss', 'loss');
    this.accuracy = new Chart(accuracy, 'Accuracy', 'accuracy');
    this.canvas.addEventListener('click', (event) => this.click(event));
    this.pixels = node('canvas');
    this.peek = null;
    this.reset();
  }

  reset() {
    this.start = null;
    this.ended = false;
    this.frames = [];
    this.rows = { epoch: [] };
    for (const name of CURVES) this.rows[name] = { mean: [] };
    this.picked = null;
    this.result = null;
    this.dots = null;
    this.contours = new Map();
  }

  get planned() {
    return this.start ? this.start.epochs : 1;
  }

  // Everything is decoded before anything changes, so that no half-made picture is ever drawn.
  async take(news) {
    const start = news.start || this.start;
    const area = start.bayes_side * start.bayes_side;
    const bayes = news.start && start.bayes ? (await decodePlanes(start.bayes, area))[0] : null;
    const frames = news.frames ? await this.decode(news.frames, start) : [];
    if (news.start) this.begin(start, bayes);
    if (news.rows) this.grow(news.rows);
    this.frames.push(...frames);
    if (news.result) {
      this.result = news.result;
      this.ended = true;
    }
  }

  begin(start, bayes) {
    this.reset();
    this.start = start;
    this.bayes = bayes;
    this.points = decodePoints(start.points, start.extent);
    this.build();
  }

  // A run that another player has decoded already.
  lend(run) {
    Object.assign(this, run, { ended: true });
    this.build();
  }

  build() {
    this.caption.textContent = this.start.title;
    this.buildLegend();
    this.buildNeurons();
  }

  grow(rows) {
    this.rows.epoch.push(...rows.epoch);
    for (const name of CURVES) {
      for (const [key, values] of Object.entries(rows[name])) {
        (this.rows[name][key] ||= []).push(...values);
      }
    }
  }

  async decode(frames, start) {
    const area = start.side * start.side;
    const units = start.layers.reduce((sum, width) => sum + width, 0);
    const tile = SETTINGS.neuronSide * SETTINGS.neuronSide;
    const [region, disagreement, neurons] = await Promise.all([
      decodePlanes(frames.region, area),
      frames.disagreement ? decodePlanes(frames.disagreement, area) : [],
      frames.neurons ? decodePlanes(frames.neurons, tile * units) : [],
    ]);
    return frames.epochs.map((epoch, i) => ({
      epoch, kept: frames.kept[i], key: epoch + (frames.kept[i] ? 0.5 : 0),
      region: region[i], disagreement: disagreement[i], neurons: neurons[i],
    }));
  }

  frameAt(key) {
    let found = this.frames[0];
    for (const frame of this.frames) if (frame.key <= key) found = frame;
    return found;
  }

  buildLegend() {
    const { start } = this;
    const chips = [];
    for (let k = 0; k < start.classes; k += 1) {
      const dot = node('i', { style: `background:${SETTINGS.palette[k]}` });
      chips.push(node('span', { class: 'key' }, dot, `class ${k}`));
    }
    if (this.points.some((point) => point.part !== 1)) {
      chips.push(node('span', { class: 'key' }, node('i', { class: 'full' }), 'training'));
    }
    if (this.points.some((point) => point.part === 1)) {
      chips.push(node('span', { class: 'key' }, node('i', { class: 'ring' }), 'test'));
    }
    if (start.points.shown < start.points.total) {
      chips.push(node('span', { class: 'key note' },
        `${start.points.shown} of ${start.points.total} points drawn`));
    }
    this.legend.replaceChildren(...chips);
  }

  buildNeurons() {
    this.tiles = [];
    this.neurons.replaceChildren();
    this.start.layers.forEach((shown, layer) => {
      const width = this.start.widths[layer];
      const some = shown < width ? `, ${shown} of ${width} units` : '';
      const row = node('div', { class: 'tiles', role: 'group', 'aria-label': `Layer ${layer + 1}` });
      for (let unit = 0; unit < shown; unit += 1) {
        const picture = node('canvas', { width: SETTINGS.neuronSide, height: SETTINGS.neuronSide });
        const label = `What unit ${unit + 1} of hidden layer ${layer + 1} answers`;
        const button = node('button', { type: 'button', 'aria-label': label, title: label }, picture);
        const at = this.tiles.length;
        const show = (peek) => {
          this.peek = peek;
          this.player.draw();
        };
        button.addEventListener('mouseenter', () => show(at));
        button.addEventListener('mouseleave', () => show(null));
        button.addEventListener('focus', () => show(at));
        button.addEventListener('blur', () => show(null));
        this.tiles.push(picture);
        row.append(button);
      }
      this.neurons.append(node('div', { class: 'layer-name' }, `Hidden layer ${layer + 1}${some}`), row);
    });
  }

  drawCurves(scales) {
    this.charts.hidden = this.rows.epoch.length < 2;
    if (this.charts.hidden) return;
    const ceiling = this.result ? this.result.bayes_accuracy : null;
    this.loss.draw(this.rows, scales.loss, null);
    this.accuracy.draw(this.rows, scales.accuracy, ceiling);
  }

  // The geometry of the picture in CSS pixels.
  box() {
    const size = this.canvas.clientWidth || 320;
    return { size, left: MARGIN.left, top: MARGIN.top,
      width: size - MARGIN.left - MARGIN.right, height: size - MARGIN.top - MARGIN.bottom };
  }

  place({ x, y }, box) {
    const [xMin, xMax, yMin, yMax] = this.start.extent;
    return [box.left + ((x - xMin) / (xMax - xMin)) * box.width,
      box.top + ((yMax - y) / (yMax - yMin)) * box.height];
  }

  click(event) {
    if (!this.start) return;
    const box = this.box();
    const [xMin, xMax, yMin, yMax] = this.start.extent;
    const bounds = this.canvas.getBoundingClientRect();
    const across = (event.clientX - bounds.left - box.left) / box.width;
    const down = (event.clientY - bounds.top - box.top) / box.height;
    if (across < 0 || across > 1 || down < 0 || down > 1) return;
    const point = { x: xMin + across * (xMax - xMin), y: yMax - down * (yMax - yMin) };
    const reach = (12 / box.width) * (xMax - xMin);
    this.player.clicked(this, point, event.ctrlKey || event.metaKey || event.shiftKey, reach);
  }

  draw(key, show) {
    if (!this.start) return;
    const frame = this.frameAt(key);
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
    if (show.bayes && this.bayes) {
      context.strokeStyle = style.color;
      context.lineWidth = 2;
      context.setLineDash([2, 5]);
      this.strokeContour(context, this.bayes, this.start.bayes_side, box);
      context.setLineDash([]);
    }
    this.drawPoints(context, box, ratio, show, style);
    this.drawAxes(context, box, style);
    if (this.picked) this.drawPicked(context, box, style.color);
    if (frame) {
      this.tiles.forEach((tile, at) => this.paintNeuron(tile, frame, at));
      const kept = frame.kept ? ' (the kept parameters)' : '';
      this.canvas.setAttribute('aria-label', `${this.start.title}: decision regions at epoch `
        + `${frame.epoch}${kept}. Arrow keys move through the film.`);
    }
    this.loss.move(frame ? frame.epoch : 0);
    this.accuracy.move(frame ? frame.epoch : 0);
  }

  paint(context, frame, box, show, ink) {
    if (this.peek !== null && frame.neurons) {
      const tile = this.tiles[this.peek];
      this.paintNeuron(tile, frame, this.peek);
      context.drawImage(tile, box.left, box.top, box.width, box.height);
      return;
    }
    const { side } = this.start;
    this.pixels.width = side;
    this.pixels.height = side;
    const image = new ImageData(side, side);
    const bytes = new Uint32Array(image.data.buffer);
    const table = colourTable(show.view);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = table[frame.region[i]];
    if (show.view === 'disagreement' && frame.disagreement) {
      const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
      const most = this.start.members / 2;
      for (let i = 0; i < bytes.length; i += 1) {
        if (!frame.disagreement[i]) continue;
        const alpha = Math.min(1, 0.25 + (0.6 * frame.disagreement[i]) / most);
        bytes[i] = pack(r, g, b, 255 * alpha);
      }
    }
    this.pixels.getContext('2d').putImageData(image, 0, 0);
    context.drawImage(this.pixels, box.left, box.top, box.width, box.height);
    context.strokeStyle = ink;
    context.lineWidth = 1.25;
    this.strokeContour(context, frame.region, side, box);
  }

  strokeContour(context, plane, side, box) {
    if (!this.contours.has(plane)) this.contours.set(plane, contour(plane, side));
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

  paintNeuron(tile, frame, at) {
    const side = SETTINGS.neuronSide;
    const from = at * side * side;
    if (!frame.neurons) return;
    const image = new ImageData(side, side);
    const bytes = new Uint32Array(image.data.buffer);
    for (let i = 0; i < bytes.length; i += 1) {
      const level = frame.neurons[from + i] - SETTINGS.neuronLevels;
      const [r, g, b] = level < 0 ? NEGATIVE : POSITIVE;
      bytes[i] = pack(r, g, b, (230 * Math.abs(level)) / SETTINGS.neuronLevels);
    }
    tile.getContext('2d').putImageData(image, 0, 0);
  }

  // Points do not move while the film plays: they are drawn once on a layer of their own.
  drawPoints(context, box, ratio, show, style) {
    const wanted = `${show.train}${show.test}${style.color}`;
    if (!this.dots || this.dotsFor !== wanted) {
      this.dotsFor = wanted;
      this.dots = node('canvas', { width: this.canvas.width, height: this.canvas.height });
      const layer = this.dots.getContext('2d');
      layer.scale(ratio, ratio);
      const paper = style.getPropertyValue('--film-paper').trim() || 'white';
      const radius = Math.min(5, Math.max(2, (box.size / 130) * (400 / this.points.length) ** 0.2));
      for (const point of this.points) {
        const test = point.part === 1;
        if (test ? !show.test : !show.train) continue;
        const [x, y] = this.place(point, box);
        layer.beginPath();
        layer.arc(x, y, test ? radius + 0.5 : radius, 0, 7);
        layer.fillStyle = test ? paper : SETTINGS.palette[point.label];
        layer.fill();
        layer.lineWidth = test ? 2.2 : 0.8;
        layer.strokeStyle = test ? SETTINGS.palette[point.label] : paper;
        layer.stroke();
      }
    }
    context.drawImage(this.dots, 0, 0, box.size, box.size);
  }

  drawAxes(context, box, style) {
    const [xMin, xMax, yMin, yMax] = this.start.extent;
    context.fillStyle = style.color;
    context.strokeStyle = style.color;
    context.lineWidth = 1;
    context.font = '11px system-ui, sans-serif';
    context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
    context.textAlign = 'center';
    for (const tick of niceTicks(xMin, xMax, 5)) {
      const [x] = this.place({ x: tick, y: yMin }, box);
      context.fillRect(x, box.top + box.height, 1, 4);
      context.fillText(short(tick), x, box.size - 6);
    }
    context.textAlign = 'right';
    for (const tick of niceTicks(yMin, yMax, 5)) {
      const [, y] = this.place({ x: xMin, y: tick }, box);
      context.fillRect(box.left - 4, y, 4, 1);
      context.fillText(short(tick), box.left - 7, y + 4);
    }
  }

  drawPicked(context, box, ink) {
    const [x, y] = this.place(this.picked, box);
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

function pack(r, g, b, a) {
  return (Math.round(a) << 24) | (b << 16) | (g << 8) | r;
}

const tables = {};
function colourTable(view) {
  const { levels } = SETTINGS;
  if (tables[view]) return tables[view];
  const table = new Uint32Array(256);
  for (let value = 0; value < 256; value += 1) {
    const colour = SETTINGS.palette[Math.floor(value / levels)];
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const sure = ((value % levels) / (levels - 1)) ** 2;
    const strength = { labels: 0.42, confidence: 0.03 + 0.82 * sure, disagreement: 0.2 }[view];
    table[value] = pack(r, g, b, 255 * strength);
  }
  tables[view] = table;
  return table;
}

// The lines where the class changes, in pixels of the plane. Between two pixels the line runs
// nearer to the one that is less sure.
function contour(plane, side) {
  const path = new Path2D();
  const { levels } = SETTINGS;
  const label = (i) => Math.floor(plane[i] / levels);
  const cross = (a, b) => {
    const [one, two] = [a, b].map((i) => ((plane[i] % levels) + 0.5) ** 2);
    return one / (one + two);
  };
  for (let row = 0; row + 1 < side; row += 1) {
    for (let column = 0; column + 1 < side; column += 1) {
      const a = row * side + column;
      const [b, c, d] = [a + 1, a + side, a + side + 1];
      const [la, lb, lc, ld] = [label(a), label(b), label(c), label(d)];
      if (la === lb && la === lc && la === ld) continue;
      const [x, y] = [column + 0.5, row + 0.5];
      const met = [];
      if (la !== lb) met.push([x + cross(a, b), y]);
      if (lb !== ld) met.push([x + 1, y + cross(b, d)]);
      if (lc !== ld) met.push([x + cross(c, d), y + 1]);
      if (la !== lc) met.push([x, y + cross(a, c)]);
      const hub = met.length === 2 ? met[1] : [x + 0.5, y + 0.5];
      for (const point of met.length === 2 ? [met[0]] : met) {
        path.moveTo(...point);
        path.lineTo(...hub);
      }
    }
  }
  return path;
}
