// One run in a player of films: its picture, curves and neurons.
import { node } from '../page/dom.js';
import { CurveChart } from './curves.js';
import { decodePlanes, decodePoints } from './decode.js';
import { Picture } from './picture.js';

const CURVES = ['train_loss', 'test_loss', 'train_accuracy', 'test_accuracy'];

export class Stage {
  constructor(player) {
    this.player = player;
    this.settings = player.settings;
    this.caption = node('figcaption', { class: 'stage-title' });
    this.legend = node('div', { class: 'legend' });
    this.neurons = node('div', { class: 'neurons' });
    this.loss = new CurveChart('Loss', 'loss');
    this.accuracy = new CurveChart('Accuracy', 'accuracy');
    this.charts = node('div', { class: 'charts' }, this.loss.root, this.accuracy.root);
    this.picture = new Picture(this, this.settings);
    this.root = node('figure', { class: 'stage' }, this.caption,
      node('div', { class: 'stage-picture' }, this.picture.canvas, this.legend),
      node('div', { class: 'stage-side' }, this.charts, this.neurons));
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
    this.picture.reset();
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

  // A run that was kept, decoded as it is.
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
    const tile = this.settings.neuronSide ** 2;
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
      const dot = node('i', { style: `background:${this.settings.palette[k]}` });
      chips.push(node('span', { class: 'key' }, dot, start.names[k]));
    }
    if (this.points.some((point) => point.part !== 1)) {
      chips.push(node('span', { class: 'key' }, node('i', { class: 'full' }), 'training'));
    }
    if (this.points.some((point) => point.part === 1)) {
      chips.push(node('span', { class: 'key' }, node('i', { class: 'ring' }), 'test'));
    }
    const { shown, total } = start.points;
    if (shown < total) {
      chips.push(node('span', { class: 'key note' },
        `${shown.toLocaleString('en')} of ${total.toLocaleString('en')} points drawn`));
    }
    this.legend.replaceChildren(...chips);
  }

  buildNeurons() {
    this.tiles = [];
    this.neurons.replaceChildren();
    this.start.layers.forEach((shown, layer) => {
      const width = this.start.widths[layer];
      const some = shown < width ? `, ${shown} of ${width} units` : '';
      const name = node('div', { class: 'layer-name' }, `Hidden layer ${layer + 1}${some}`);
      const row = node('div', { class: 'tiles', role: 'group',
        'aria-label': `Layer ${layer + 1}` });
      for (let unit = 0; unit < shown; unit += 1) {
        row.append(this.buildTile(`What unit ${unit + 1} of hidden layer ${layer + 1} answers`));
      }
      this.neurons.append(name, row);
    });
  }

  buildTile(label) {
    const side = this.settings.neuronSide;
    const tile = node('canvas', { width: side, height: side });
    const button = node('button', { type: 'button', 'aria-label': label, title: label }, tile);
    const at = this.tiles.length;
    const show = (peek) => {
      this.picture.peek = peek;
      this.player.draw();
    };
    button.addEventListener('mouseenter', () => show(at));
    button.addEventListener('mouseleave', () => show(null));
    button.addEventListener('focus', () => show(at));
    button.addEventListener('blur', () => show(null));
    this.tiles.push(tile);
    return button;
  }

  drawCurves(scales) {
    this.charts.hidden = this.rows.epoch.length < 2;
    if (this.charts.hidden) return;
    const ceiling = this.result ? this.result.bayes_accuracy : null;
    this.loss.draw(this.rows, scales.loss, null);
    this.accuracy.draw(this.rows, scales.accuracy, ceiling);
  }

  clicked(point) {
    this.picked = point;
    this.player.draw();
  }

  draw(key, show) {
    if (!this.start) return;
    const frame = this.frameAt(key);
    this.picture.draw(frame, show);
    if (frame) {
      this.tiles.forEach((tile, unit) => this.picture.paintNeuron(tile, frame, unit));
      const kept = frame.kept ? ' (the kept parameters)' : '';
      const { title } = this.start;
      this.picture.canvas.setAttribute('aria-label',
        `${title ? `${title}: decision` : 'Decision'} regions at epoch `
        + `${frame.epoch.toLocaleString('en')}${kept}. Arrow keys move through the film.`);
    }
    this.loss.move(frame ? frame.epoch : 0);
    this.accuracy.move(frame ? frame.epoch : 0);
  }
}
