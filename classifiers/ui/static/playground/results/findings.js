// What is said of a run in sentences: Python's of its end, the page's own of any other moment: it
// has diverged, units are dead, it begins to learn noise, which class is hardest.
import { lettered, percent } from '../words.js';

// Python's judgement is of the end of the run.
export function findingsOf(reading) {
  const { film, moment } = reading;
  const whole = film.result?.findings && moment === film.moments.at(-1);
  return whole
    ? film.result.findings.filter((text) => !text.startsWith('Test acc')).slice(0, 3)
      .map((text) => (named(film) ? text : lettered(text)))
    : findingsOfMoment(reading);
}

// Whether its classes have names of their own.
const named = ({ start }) => start.names[0] !== 'class 0';

// What can be said of a moment while Python has not judged the run as a whole.
function findingsOfMoment(reading) {
  const { film, moment } = reading;
  if (reading.broken) {
    return ['The weights have grown beyond what a number can hold: the run has diverged.',
      'Reset it, and take a smaller learning rate.'];
  }
  if (moment.epoch === 0) {
    return ['Nothing is learned yet: the picture shows what the first weights say.',
      'Press Play and watch which units find an edge first.'];
  }
  const row = film.rowAt(moment.epoch);
  const lines = [];
  const gap = row.train_accuracy - row.test_accuracy;
  if (gap > 0.05) {
    lines.push(`Training is ${Math.round(100 * gap)} percentage points above test: it may have `
      + 'begun to learn noise.');
  }
  const dead = reading.dead.map((layer) => layer.filter(Boolean).length);
  dead.forEach((gone, k) => {
    const all = reading.dead[k].length;
    if (gone === all) {
      const [who, are, them] = all === 1 ? ['The only unit', 'is', 'it']
        : ['All units', 'are', 'them'];
      lines.unshift(`${who} of layer ${k + 1} ${are} dead: nothing of the input gets past it, and `
        + `no gradient passes to bring ${them} back.`);
    } else if (gone > all / 3) {
      lines.push(`${gone} of ${all} units of layer ${k + 1} ${gone === 1 ? 'is' : 'are'} dead.`);
    }
  });
  const hardest = hardestOf(film, moment.confusion);
  if (hardest) lines.push(hardest);
  return lines.slice(0, 3);
}

function hardestOf(film, confusion) {
  if (!confusion) return null;
  const sum = (counts) => counts.reduce((before, count) => before + count, 0);
  const found = confusion.map((counts, k) => counts[k] / sum(counts));
  const known = found.filter((share) => !Number.isNaN(share));
  const least = Math.min(...known);
  if (least >= 1) return 'No test point is mistaken.';
  const worst = found.flatMap((share, k) => (share === least ? [k] : []));
  if (worst.length > 1) {
    const names = worst.map((k) => film.label(k)).join(' and ');
    return `Hardest are ${names}: ${percent(least, 0)} found of each.`;
  }
  const others = confusion[worst[0]].map((value, k) => (k === worst[0] ? -1 : value));
  const most = Math.max(...others);
  const taken = others.flatMap((value, k) => (value === most ? [film.label(k)] : []));
  return `Hardest is ${film.label(worst[0])}: ${percent(least, 0)} found, most often mistaken for `
    + `${taken.join(' or ')}.`;
}
