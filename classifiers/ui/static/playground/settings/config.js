// A config as the page holds it: its values by path, which of them a running network takes at once,
// and which begin a run anew.
import { count } from '../words.js';

export function valueAt(config, path) {
  return path.split('.').reduce((value, key) => value?.[key], config);
}

export function withValue(config, path, value) {
  const [key, ...rest] = path.split('.');
  return { ...config, [key]: rest.length ? withValue(config[key], rest.join('.'), value) : value };
}

export function withValues(config, values) {
  return Object.entries(values).reduce(
    (changed, [path, value]) => withValue(changed, path, value), config);
}

// What a running network takes from its next epoch on; all else begins anew.
const LIVE = ['training.learning_rate', 'training.momentum', 'training.weight_decay',
  'training.l1', 'training.l2', 'network.dropout', 'training.batch_size'];
// What the run says of itself.
const TOLD = ['training.epochs', 'training.changes', 'training.record_every'];

function flat(value, path = '') {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { [path]: value };
  return Object.assign({}, ...Object.entries(value).map(
    ([key, inner]) => flat(inner, path ? `${path}.${key}` : key)));
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Paths whose values differ, of those that begin a run anew.
export function differing(one, two) {
  const [a, b] = [flat(one), flat(two)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) =>
    !LIVE.includes(path) && !TOLD.includes(path) && !same(a[path], b[path]));
}

// Those of the live ones that differ, as {path: value of `two`}.
export function liveChanges(one, two) {
  return Object.fromEntries(LIVE.filter((path) => !same(valueAt(one, path), valueAt(two, path)))
    .map((path) => [path, valueAt(two, path)]));
}

const SHORT = { learning_rate: 'rate', weight_decay: 'decay', l1: 'L1', l2: 'L2',
  batch_size: 'batch' };

// A change made while it ran, as it stands on the curves.
export function nameChange({ epoch, ...values }) {
  const text = Object.entries(values).filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const shown = key === 'dropout' ? `${Math.round(100 * value)} %`
        : value === null ? 'all' : typeof value === 'number' ? count(value) : value;
      return `${SHORT[key] ?? key} ${shown}`;
    });
  return { epoch, text: text.join(', ') };
}
