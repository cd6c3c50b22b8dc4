// One run as the page holds it: its data, its curves, and the network at each moment.
import { decodePlanes, decodePoints } from '../../film/decode.js';
import { decodeConfusion, decodeParameters } from '../engine/decode.js';
import { placesOf } from '../engine/features.js';
import { Network } from '../engine/network.js';
import { LETTERS } from '../pictures/colours.js';

const CURVES = ['train_loss', 'test_loss', 'train_accuracy', 'test_accuracy'];

export class Film {
  constructor(start, bayes) {
    this.start = start;
    this.bayes = bayes;
    this.points = decodePoints(start.points, start.extent);
    this.network = start.weights ? new Network(start.weights) : null;
    this.moments = [];
    this.rows = { epoch: [] };
    for (const name of CURVES) this.rows[name] = { mean: [] };
    this.changes = start.changes ?? [];
    this.result = null;
    this.grids = new Map();
    const training = this.points.filter(({ part }) => part === 0);
    this.training = this.network?.inputs(placesOf(training));
  }

  static async begin(start) {
    const area = start.bayes_side ** 2;
    return new Film(start, start.bayes ? (await decodePlanes(start.bayes, area))[0] : null);
  }

  get classes() {
    return this.start.classes;
  }

  // What class k is called: by its owner, or else by a letter.
  label(k) {
    const name = this.start.names[k];
    return name === `class ${k}` ? LETTERS[k] : name;
  }

  get members() {
    return this.start.members;
  }

  // The last epoch that was trained.
  get reached() {
    return Math.max(this.rows.epoch.at(-1) ?? 0, this.moments.at(-1)?.epoch ?? 0);
  }

  // Decoded as a whole before anything of it shows.
  async take({ rows, frames, result, changes }) {
    const moments = frames ? await this.decode(frames) : [];
    if (rows) this.grow(rows);
    for (const moment of moments) {
      const last = this.moments.at(-1);
      if (last && last.key >= moment.key) this.moments.pop();
      this.moments.push(moment);
    }
    if (changes) this.changes = changes;
    if (result) this.result = result;
  }

  grow(rows) {
    const { epoch } = this.rows;
    const known = epoch.at(-1) ?? -1;
    const from = rows.epoch.findIndex((at) => at > known);
    if (from < 0) return;
    epoch.push(...rows.epoch.slice(from));
    for (const name of CURVES) {
      for (const [key, values] of Object.entries(rows[name])) {
        (this.rows[name][key] ||= []).push(...values.slice(from));
      }
    }
  }

  async decode(frames) {
    const { start, network } = this;
    const what = network
      ? { members: await decodeParameters(frames.parameters, start.members, network.count) }
      : await this.sprites(frames);
    const counts = frames.confusion
      ? await decodeConfusion(frames.confusion, start.classes) : [];
    return frames.epochs.map((epoch, i) => {
      const parts = Object.entries(what).map(([name, list]) => [name, list[i]]);
      return { epoch, kept: frames.kept[i], key: epoch + (frames.kept[i] ? 0.5 : 0),
        confusion: counts[i], ...Object.fromEntries(parts) };
    });
  }

  // Of a network too large to be sent: the pictures that Python made.
  async sprites(frames) {
    const { side, layers, neuron_side: tile = 24 } = this.start;
    const units = layers.reduce((sum, width) => sum + width, 0);
    const [region, disagreement, neurons] = await Promise.all([
      decodePlanes(frames.region, side * side),
      frames.disagreement ? decodePlanes(frames.disagreement, side * side) : [],
      frames.neurons ? decodePlanes(frames.neurons, tile * tile * units) : [],
    ]);
    return { region, disagreement, neurons };
  }

  // The moment shown at an epoch: the last that is not after it.
  indexAt(key) {
    return Math.max(0, this.moments.findLastIndex((moment) => moment.key <= key));
  }

  // The row of the curves at an epoch, or the last before it.
  rowAt(epoch) {
    const i = Math.max(0, this.rows.epoch.findLastIndex((at) => at <= epoch));
    return Object.fromEntries(CURVES.map((name) => [name, this.rows[name].mean[i] ?? null]));
  }
}
