// The worlds of one rule: what is known of all of them, and each one's details once it was asked.
import { at, decodeArray, decodeRegions } from './decode.js';

const SHARE = 1e4; // shares come as so many parts
const COUNTS = ['belowTest', 'belowTestLow', 'belowTestHigh', 'belowFresh', 'belowFreshLow',
  'belowFreshHigh', 'bestFresh', 'bestTest', 'levelTest'];
const LEAST = 0.02; // of all scores, that may lie below the axis of the dots

const grid = (array, row, scale) => Array.from({ length: array.shape.at(-2) }, (_, i) =>
  Array.from({ length: array.shape.at(-1) }, (__, f) => at(array, ...row, i, f) / scale));

async function decodeAll(message, names) {
  const found = await Promise.all(names.map((name) => decodeArray(message[name])));
  return Object.fromEntries(names.map((name, i) => [name, found[i]]));
}

// A world as the summary knows it: accuracies [network][epoch] and counts [epoch] of the worlds
// up to this one.
function rows({ fresh, test, best_test: best, counts }, worlds) {
  return Array.from({ length: worlds }, (_, k) => ({
    fresh: grid(fresh, [k], SHARE), test: grid(test, [k], SHARE), best: best.values[k] / SHARE,
    counts: grid(counts, [k], 1),
  }));
}

export class Pile {
  // ask(worlds): has Python send those; they come to `take`.
  constructor(summary, arrays, regions, ask) {
    Object.assign(this, summary, regions);
    this.rows = rows(arrays, summary.worlds);
    this.shipped = summary.worlds;
    this.details = new Map();
    this.briefs = new Map(); // worlds that were only passed by
    this.waiting = new Map();
    this.ask = ask;
    this.drawn = 0;
    this.measure();
  }

  // The axis of the dots: the same for all networks, test points and fresh ones.
  measure() {
    const scores = this.rows.flatMap(({ fresh, test }) => [...fresh, ...test]
      .map((values) => values.at(-1))).toSorted((a, b) => a - b);
    const least = scores[Math.floor(LEAST * scores.length)] ?? 0.7;
    const low = Math.min(0.8, Math.max(0, Math.floor(50 * (least - 0.005)) / 50));
    this.range = [low, 1];
    this.ticks = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].filter((tick) => tick > low);
  }

  static async decode(summary, ask) {
    const names = ['fresh', 'test', 'best_test', 'counts'];
    const empty = { shape: [0, 3, summary.epochs.length], values: [] };
    const arrays = summary.worlds ? await decodeAll(summary, names)
      : Object.fromEntries(names.map((name) => [name, empty]));
    const [best, others, votes] = await Promise.all(['best_region', 'boundaries', 'mean_boundary']
      .map((name) => (summary[name] ? decodeRegions(summary[name]) : [])));
    return new Pile(summary, arrays, { best: best[0], others, votes }, ask);
  }

  get last() {
    return this.epochs.length - 1;
  }

  // The details of world k, asked for if need be; brief: what its pictures and curves need.
  async world(k, brief = false) {
    const known = this.details.get(k) ?? (brief ? this.briefs.get(k) : undefined);
    if (known) return known;
    this.fetch([k], brief);
    const came = await this.waiting.get(k).promise;
    return brief || came.temperature ? came : this.world(k);
  }

  fetch(worlds, brief = false) {
    const wanted = worlds.filter((k) => k < this.shipped && !this.details.has(k)
      && !this.waiting.has(k) && !(brief && this.briefs.has(k)));
    for (const k of wanted) {
      this.waiting.set(k, Promise.withResolvers());
      this.waiting.get(k).promise.catch(() => {}); // perhaps nobody waits, and Python has said why
    }
    if (wanted.length) this.ask(wanted, brief);
  }

  async take(detail) {
    const whole = Boolean(detail.temperature);
    const world = whole ? await decodeWorld(detail) : await decodeBrief(detail);
    (whole ? this.details : this.briefs).set(world.world, world);
    this.waiting.get(world.world)?.resolve(world);
    this.waiting.delete(world.world);
    return world;
  }

  giveUp(worlds, error) {
    for (const k of worlds) {
      this.waiting.get(k)?.reject(new Error(error));
      this.waiting.delete(k);
    }
  }

  // The server counts on from world k: what the page held beyond it is counted anew.
  forget(k) {
    if (k >= this.rows.length) return;
    this.rows.length = k;
    this.drawn = Math.min(this.drawn, k);
    for (const known of this.details.keys()) if (known >= k) this.details.delete(known);
  }

  // A world that was trained just now is one more.
  async append(row) {
    this.rows.push(...rows(await decodeAll(row, ['fresh', 'test', 'best_test', 'counts']), 1));
    this.measure();
  }
}

// How the big and the small network compare in the first `drawn` worlds, as Python counted.
export function countsOf(pile, frame) {
  const row = pile.rows[pile.drawn - 1].counts[frame];
  return Object.fromEntries(COUNTS.map((name, i) => [name, row[i]]));
}

const SERIES = ['train_accuracy', 'train_loss', 'test_accuracy', 'test_loss', 'fresh_accuracy',
  'fresh_loss'];

async function decodeBrief(message) {
  const [series, points, regions] = await Promise.all([decodeAll(message, SERIES),
    decodeArray(message.points), decodeRegions(message.regions)]);
  const frames = regions.length / 3;
  return {
    ...message, points: readPoints(points),
    ...Object.fromEntries(SERIES.map((name) => [name, grid(series[name], [], 1)])),
    regions: [0, 1, 2].map((i) => regions.slice(i * frames, (i + 1) * frames)),
  };
}

async function decodeWorld(message) {
  const { temperature, test_points_luck: luck, regret } = message;
  const [brief, other, sure, chance, map] = await Promise.all([decodeBrief(message),
    decodeAll(message, ['test_rows', 'margins', 'price']),
    decodeAll(temperature, ['loss', 'reliability']), decodeAll(luck, ['low', 'high', 'ranks']),
    decodeArray(regret.map)]);
  return {
    ...brief,
    regret: [0, 1, 2].map((i) => slice(map, i)),
    margins: [0, 1, 2].map((i) => Array.from(other.test_rows.values, (row, j) => {
      const margin = at(other.margins, i, j) * (brief.points[row].label ? 1 : -1);
      return { margin, right: margin > 0 };
    })),
    temperature: { ...temperature, ...sure, price: other.price },
    test_points_luck: { ...luck, ...chance },
  };
}

// Places within the picture, as those of outlines.
export function readPoints({ shape, values }) {
  return Array.from({ length: shape[0] }, (_, k) => {
    const [x, y, label, test] = [0, 1, 2, 3].map((j) => values[k * shape[1] + j]);
    return { x, y, label, test: Boolean(test) };
  });
}

function slice({ shape, values }, i) {
  const size = shape[1] * shape[2];
  return { shape: shape.slice(1), values: values.slice(i * size, (i + 1) * size) };
}
