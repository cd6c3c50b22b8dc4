// What a network says at one moment: everything the pictures of that moment are drawn from. Each
// thing is computed when it is first asked for.
import { deadUnits, strengths } from '../engine/measure.js';
import { answersOf, labelsOf, scoresOf, softmax } from '../engine/network.js';
import { finenessFor, gridPlaces } from '../pictures/grid.js';

const PLAYING = 56; // cells a side at most, while a film plays

export class Reading {
  // `fine`: at rest a picture may take longer.
  constructor(film, moment, fine = false) {
    this.film = film;
    this.moment = moment;
    this.network = film.network;
    const work = this.network ? this.network.count * film.members : 1;
    this.cells = !this.network ? film.start.side
      : fine ? finenessFor(work / 6) : Math.min(PLAYING, finenessFor(work));
    this.parts = fine ? 3 : 2; // of a cell's side, where an edge runs
    this.known = {};
  }

  once(name, make) {
    if (!(name in this.known)) this.known[name] = make();
    return this.known[name];
  }

  // Whether there are numbers to show: a run that diverged has none.
  get broken() {
    return this.once('broken', () => Boolean(this.network)
      && this.moment.members.some((parameters) => !parameters.every(Number.isFinite)));
  }

  get inputs() {
    const { grids, start } = this.film;
    if (!grids.has(this.cells)) {
      grids.set(this.cells, this.network.inputs(gridPlaces(start.extent, this.cells)));
    }
    return grids.get(this.cells);
  }

  // Of the first member, at the corners of the grid.
  get values() {
    return this.once('values', () => this.network.values(this.moment.members[0], this.inputs));
  }

  get scores() {
    return this.once('scores', () => (this.network
      ? scoresOf(this.network, this.moment.members, this.inputs,
        this.film.members === 1 ? this.values : null)
      : spriteScores(this.moment.region, this.film.start)));
  }

  get labels() {
    return this.once('labels', () => labelsOf(this.scores));
  }

  get answers() {
    return this.once('answers', () => answersOf(this.network, this.moment.members, this.inputs));
  }

  get probabilities() {
    return this.once('probabilities', () => {
      if (!this.network) return spriteProbabilities(this.scores);
      return this.film.members === 1 ? softmax(this.scores) : this.answers.mean;
    });
  }

  // Scores at other places, for edges drawn finer than the grid; null where nothing finer is known.
  get ask() {
    if (!this.network) return null;
    return (places) => scoresOf(this.network, this.moment.members, this.network.inputs(places));
  }

  // Of the first member, at the training points.
  get atPoints() {
    return this.once('atPoints',
      () => this.network.values(this.moment.members[0], this.film.training));
  }

  get dead() {
    return this.once('dead', () => (this.network ? deadUnits(this.network, this.atPoints)
      : this.film.start.widths.map((width) => Array.from({ length: width }, () => false))));
  }

  get strengths() {
    return this.once('strengths', () => (this.network
      ? strengths(this.network, this.moment.members[0], this.atPoints)
      : this.film.start.widths.map((width) => Array.from({ length: width }, (_, i) => -i))));
  }

  // What all of it says at one place; null where only the server knows.
  at({ x, y }) {
    if (!this.network || this.broken) return null;
    const { network, moment } = this;
    const inputs = network.inputs({ xs: [x], ys: [y] });
    const values = network.values(moment.members[0], inputs).map((layer) => layer.map(([v]) => v));
    const { mean, labels } = answersOf(network, moment.members, inputs);
    return { values, logits: values.at(-1), probabilities: mean.map(([p]) => p),
      said: labels.map(([label]) => label) };
  }
}

// A plane of bytes is the class and the root of its lead over the next, a byte a pixel: scores at
// the corners of as many cells.
function spriteScores(region, { side, classes, levels = 32 }) {
  const planes = Array.from({ length: classes }, () => new Float64Array((side + 1) ** 2));
  for (let row = 0; row <= side; row += 1) {
    for (let column = 0; column <= side; column += 1) {
      const pixel = region[Math.min(side - 1, row) * side + Math.min(side - 1, column)];
      const lead = (((pixel % levels) + 0.5) / levels) ** 2;
      planes[Math.floor(pixel / levels)][row * (side + 1) + column] = lead;
    }
  }
  return planes;
}

// The lead of the first class is all that is known.
function spriteProbabilities(scores) {
  const classes = scores.length;
  return scores.map((plane) => plane.map(
    (lead) => (lead > 0 ? 1 / classes + lead * (1 - 1 / classes) : 0)));
}
