// Which steps a link is about: ?lesson=p7, p1-p6, p12,h5,c2 in the order in which it names them, or
// core, the short way through.
import { ownQuery, placeToShare } from '../playground/window/hub_frame.js';

const REST = 'data,network,training,exercises,more'; // what `hide` hides of the playground

// Gives the keys, and what of the text names no step. No text: all keys.
export function readChoice(text, steps) {
  const keys = steps.map(({ key }) => key);
  if (!text) return { keys, unknown: [] };
  if (text === 'core') {
    return { keys: steps.filter(({ core }) => core).map(({ key }) => key), unknown: [] };
  }
  const found = [];
  const unknown = [];
  for (const part of text.split(',').map((one) => one.trim()).filter(Boolean)) {
    const [from, to = from] = part.split('-').map((key) => keys.indexOf(key));
    if (from < 0 || to < from) unknown.push(part);
    else found.push(...keys.slice(from, to + 1));
  }
  return { keys: found.length ? [...new Set(found)] : keys, unknown };
}

// Keys as a link has them: neighbours of one tab as from-to.
function writeChoice(chosen, keys) {
  const runs = [];
  for (const key of keys.filter((one) => chosen.includes(one))) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last && keys.indexOf(key) === keys.indexOf(last) + 1 && key[0] === last[0]) run.push(key);
    else runs.push([key]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',');
}

// alone: without the rest of the playground.
export function linkTo(chosen, keys, alone, space = '') {
  const others = ownQuery(window.location.search).split('&')
    .filter((pair) => pair && !/^(lesson|hide|tab)=/.test(pair));
  const query = [`lesson=${writeChoice(chosen, keys)}`, alone ? `hide=${REST}` : '', ...others];
  return `${placeToShare(space)}?${query.filter(Boolean).join('&')}`;
}
