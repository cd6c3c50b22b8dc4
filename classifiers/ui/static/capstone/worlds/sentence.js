// What the worlds drawn so far say of the lesson's claim. The counts and intervals are Python's.
import { node } from '../../page/dom.js';
import { countsOf } from './pile.js';
import { count, percent } from './words.js';

const INTERVALS_FROM = 10; // worlds

const bold = (text) => node('b', {}, String(text));
const beside = (a, b) => (a < b ? 'below' : a > b ? 'above' : 'level with');

// In one world: the big network beside the small one, on test points and on fresh ones.
function oneWorld(view, frame, last, epoch) {
  const [test, fresh] = ['test', 'fresh'].map((part) =>
    view.accuracy[part].map((values) => values[Math.min(frame, values.length - 1)]));
  const [onTest, onFresh] = [beside(test[1], test[0]), beside(fresh[1], fresh[0])];
  const start = frame < last ? `At epoch ${epoch} the big network is `
    : 'In this world the big network ends ';
  return [start, bold(onTest), ` the small one on test points, ${percent(test[1])} against `
    + `${percent(test[0])}; on fresh points ${onFresh} it${onTest === onFresh ? ' too' : ''}. One `
    + 'world can’t say more: draw again.'];
}

function manyWorlds(pile, frame, epoch) {
  const told = countsOf(pile, frame);
  const worlds = pile.drawn;
  const interval = (part) => (worlds < INTERVALS_FROM ? '' : node('small', {},
    ` (95 % interval ${told[`${part}Low`]} to ${told[`${part}High`]} of 100)`));
  const early = frame < pile.last;
  return [early ? `At epoch ${epoch}, in ` : 'In ', bold(`${told.belowTest} of ${worlds}`),
    ` worlds the big network ${early ? 'is' : 'ends'} below the small one on test points`,
    interval('belowTest'), '; on fresh points in ', bold(told.belowFresh), interval('belowFresh'),
    '. The one about right is the best of the three in ', bold(told.bestFresh),
    ` on fresh points, in ${told.bestTest} on test points.`];
}

export function sentence(pile, view, frame) {
  const epoch = count(pile.epochs[frame]);
  return pile.drawn > 1 ? manyWorlds(pile, frame, epoch)
    : oneWorld(view, frame, pile.last, epoch);
}
