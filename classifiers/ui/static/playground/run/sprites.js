// A film of weights as one of pictures, as the player of kept runs shows them.
import { answersOf, labelsOf } from '../engine/network.js';
import { LETTERS } from '../pictures/colours.js';

const SIDE = 96;
const [LEVELS, TILE, TILE_LEVELS, MOST_UNITS] = [32, 24, 8, 16];

export function keptRun(film) {
  const { rows, points, bayes, result } = film;
  const names = film.start.names.map((name, k) => (name === `class ${k}` ? LETTERS[k] : name));
  const start = { ...film.start, names };
  if (!film.network) return { start, rows, frames: film.moments, points, bayes, result };
  const inputs = film.network.inputs(centres(start.extent, SIDE));
  const small = film.network.inputs(centres(start.extent, TILE));
  const frames = film.moments.map((moment) => ({ epoch: moment.epoch, kept: moment.kept,
    key: moment.key, ...pictures(film, moment, inputs, small) }));
  const layers = start.widths.map((width) => Math.min(width, MOST_UNITS));
  return { start: { ...start, side: SIDE, layers }, rows, frames, points, bayes, result };
}

function centres([xMin, xMax, yMin, yMax], side) {
  const [xs, ys] = [[], []];
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      xs.push(xMin + ((xMax - xMin) * (column + 0.5)) / side);
      ys.push(yMax - ((yMax - yMin) * (row + 0.5)) / side);
    }
  }
  return { xs, ys };
}

function pictures(film, { members }, inputs, small) {
  const { mean, labels } = answersOf(film.network, members, inputs);
  const together = labelsOf(mean);
  const region = new Uint8Array(together.length);
  const disagreement = new Uint8Array(together.length);
  for (let i = 0; i < region.length; i += 1) {
    const top = mean[together[i]][i];
    let next = 0;
    mean.forEach((plane, c) => { if (c !== together[i]) next = Math.max(next, plane[i]); });
    const sure = Math.min(LEVELS - 1, Math.floor(Math.sqrt(Math.max(0, top - next)) * LEVELS));
    region[i] = together[i] * LEVELS + sure;
    for (const own of labels) disagreement[i] += own[i] !== together[i];
  }
  const units = film.network.values(members[0], small).slice(1, -1)
    .flatMap((layer) => layer.slice(0, MOST_UNITS));
  const neurons = new Uint8Array(units.length * TILE * TILE);
  units.forEach((plane, k) => {
    const most = plane.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
    plane.forEach((value, i) => {
      neurons[k * plane.length + i] = Math.round((value / most) * TILE_LEVELS) + TILE_LEVELS;
    });
  });
  return { region, disagreement: members.length > 1 ? disagreement : undefined, neurons };
}
