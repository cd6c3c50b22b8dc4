// What the marks of a chart are.
import { node } from '../../page/dom.js';

// measure: null for two settings at once.
export function tellLegend(place, sweep, measure) {
  const entries = measure === null ? cells(sweep) : dots(sweep, measure);
  place.replaceChildren(...entries.map(([kind, text]) =>
    node('span', {}, node('i', { class: `key ${kind}`, 'data-mark': kind.split(' ')[0] }), text)));
}

function dots(sweep, measure) {
  const { cut } = sweep.axes[measure];
  const below = cut === null ? []
    : [['triangle', measure === 'accuracy' ? `below ${Math.round(100 * cut)} %` : 'beyond the axis']];
  const best = measure === 'accuracy' && sweep.columns.some((column) => column.best !== null)
    ? [['line best', 'best possible'], ['line own', 'best rule on these test points']] : [];
  return [['dot', 'fresh points'], ['ring', 'test points'], ['line first', 'median, fresh'],
    ['line second', 'median, test'], ...best, ...below];
}

function cells(sweep) {
  return sweep.rings ? [['ring', sweep.rings]] : [];
}
