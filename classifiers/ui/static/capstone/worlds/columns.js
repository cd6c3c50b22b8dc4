// A column a network: its picture, its numbers, its curves, and its dots among all worlds drawn.
import { node, write } from '../../page/dom.js';
import { explained } from '../../page/gloss.js';
import { Curves } from './drawing/curves.js';
import { Picture } from './drawing/picture.js';
import { Strip } from './drawing/strips.js';
import { TITLES, count, percent } from './words.js';

const MOST_OTHERS = 20;
const NUMBERS = ['train', 'test', 'fresh', 'bestFresh', 'bestTest'];

export class Column {
  // choose: {frame(index), world(index)}, what the visitor wants to see.
  constructor(host, name, choose) {
    const title = TITLES[name];
    this.shape = node('span', {});
    this.place = node('div', { class: 'picture-place' });
    const values = Object.fromEntries(NUMBERS.map((key) =>
      [key, node('b', { 'data-number': key })]));
    this.values = values;
    this.labels = { test: node('span', {}), fresh: explained('capstone', 'fresh points', ''),
      bestTest: explained('capstone', 'best rule on these test points', '') };
    const of = (key, label, kind = '') => node('div', { class: kind }, label, values[key]);
    const curves = node('div', { class: 'curves' });
    this.root = node('section', { class: 'column', 'data-network': name, 'aria-label': title },
      node('div', { class: 'column-head' }, node('h3', {}, title), this.shape), this.place,
      node('div', { class: 'values' }, of('train', node('span', {}, 'Training')),
        of('test', this.labels.test), of('fresh', this.labels.fresh, 'lead'),
        of('bestFresh', explained('capstone', 'best possible', 'Best, fresh'), 'calm'),
        of('bestTest', this.labels.bestTest, 'calm')), curves);
    host.append(this.root);
    this.curves = new Curves(curves, title, choose.frame);
    this.strip = new Strip(this.root, title, choose.world);
  }

  // Another rule has another extent and other networks.
  begin(pile, i) {
    const { title: shown, shape, parameters } = pile.networks[i];
    this.picture = new Picture(this.place, pile.extent, `What the network answers, ${shown}`);
    const text = `${count(parameters)} parameters, ${shape}`;
    write(this.shape, text);
    this.strip.clear();
    this.shape.title = text;
  }

  // view: the world on show (see `views`), i: which of its networks, frame: which of its epochs.
  draw(view, i, frame, pile, show) {
    const now = Math.min(frame, view.regions[i].length - 1);
    if (now < 0) return;
    const late = (show.others || show.regret) && frame !== pile.last;
    const crowd = show.others && frame === pile.last && others(pile, view, i);
    this.picture.draw({ region: view.regions[i][now], best: show.best ? pile.best : null,
      others: crowd || null, vote: crowd ? pile.votes[i] : null,
      regret: show.regret && view.regret && frame === pile.last ? view.regret[i] : null,
      note: late ? 'Others and regret: at the last epoch' : crowd && pile.votes.length
        ? `Dashed: the vote of ${count(pile.budget_worlds)} worlds` : '' });
    this.picture.showPoints(show.points);
    const { train, test, fresh } = view.accuracy;
    const said = { train: train[i][now], test: test[i][now], fresh: fresh[i][now],
      bestFresh: pile.best_fresh, bestTest: view.best };
    for (const key of NUMBERS) {
      write(this.values[key], said[key] === null ? '' : percent(said[key]));
    }
    const points = frame < pile.last ? pile.along_points : pile.fresh_points;
    const these = (label, word) => label.replaceChildren(`${word}, `, node('em', {}, 'these '),
      count(pile.test_points));
    these(this.labels.test, 'Test');
    these(this.labels.bestTest, 'Best');
    write(this.labels.fresh, `Fresh, ${count(points)}`);
    const curves = (kind) => Object.fromEntries(['train', 'test', 'fresh'].map((part) =>
      [part, view[kind][part][i]]));
    this.curves.draw(pile.epochs, { loss: curves('loss'), accuracy: curves('accuracy') },
      pile.best_fresh, now);
  }
}

// A world of a pile as the columns want it: accuracies and losses [network][epoch].
export function viewOf(pile, k) {
  const detail = pile.details.get(k) ?? pile.briefs.get(k);
  const series = (measure) => Object.fromEntries(['train', 'test', 'fresh'].map((part) =>
    [part, detail[`${part}_${measure}`]]));
  return {
    world: k, points: detail.points, regions: detail.regions, regret: detail.regret,
    best: pile.rows[k].best, accuracy: series('accuracy'), loss: series('loss'), detail,
  };
}

// The boundaries of other worlds, as they ended: those that came with the rule, or those that were
// trained for this page.
function others(pile, view, i) {
  const ended = pile.others.length
    ? pile.others.filter((_, j) => j % 3 === i && Math.floor(j / 3) !== view.world)
    : [...pile.details.values()].filter(({ world }) => world !== view.world)
      .map(({ regions }) => regions[i].at(-1));
  return ended.slice(0, MOST_OTHERS);
}
