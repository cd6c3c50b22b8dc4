// The legend of a sweep's chart: what its marks are.
import { short } from '../../charts/scale.js';
import { node } from '../../page/dom.js';
import { explained } from '../../page/gloss.js';

// measure: null for two settings at once.
export function tellLegend(place, sweep, measure) {
  const entries = measure === null ? cells(sweep) : dots(sweep, measure);
  place.replaceChildren(...entries.map(([kind, text, word]) =>
    node('span', {}, node('i', { class: `key ${kind}`, 'data-mark': kind.split(' ')[0] }),
      word ? explained('capstone', word, text) : text)));
}

function dots(sweep, measure) {
  const isKnown = ({ best: share = null }) => share !== null; // a value that failed has none
  const best = measure === 'accuracy' && sweep.columns.some(isKnown)
    ? [['line best', 'best possible', 'best possible'],
      ['line own', 'best rule on these test points',
        'best rule on these test points']] : [];
  const lines = sweep.lines
    ? [['line first', 'median, fresh', 'median'], ['line second', 'median, test']] : [];
  return [['dot', 'fresh points', 'fresh points'], ['ring', 'test points', 'test points'],
    ...lines, ...best, ...beyond(sweep, measure)];
}

// What lies off the axis, and what the numbers beside it count.
function beyond({ axes, columns, members }, measure) {
  const { cut } = axes[measure];
  const some = (what) => columns.some((column) => column[what]);
  const number = (said) => `number: how many of ${members} ${said}`;
  if (measure === 'loss') {
    return [...(cut === null ? [] : [['triangle', `below ${short(cut)}`]]),
      ...(some('diverged') ? [['triangle up', `infinite; ${number('diverged')}`]] : [])];
  }
  const never = some('never') ? number('never learned') : null;
  const below = cut === null ? never
    : [`below ${Math.round(100 * cut)} %`, never].filter(Boolean).join('; ');
  return below ? [['triangle', below]] : [];
}

function cells(sweep) {
  return sweep.rings ? [['ring', sweep.rings, 'can’t tell']] : [];
}
