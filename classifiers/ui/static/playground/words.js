// How numbers are written, and what is said aloud.
export function number(value, digits) {
  if (!Number.isFinite(value)) return 'no number';
  const text = value.toFixed(digits);
  if (!text.startsWith('-')) return text;
  return Number(text) === 0 ? text.slice(1) : `−${text.slice(1)}`;
}

export function percent(share, digits = 1) {
  return share === null || share === undefined || !Number.isFinite(share) ? '–'
    : `${(100 * share).toFixed(digits)} %`;
}

// To make one takes longer than to draw a curve.
const english = new Intl.NumberFormat('en', { maximumFractionDigits: 8 });

export const count = (value) => english.format(value);

// Python counts classes from 0; pictures call them by letters.
const CLASS = '[0-7](?!\\d|\\.\\d| %)';
const LIST = `(?:${CLASS}(?:, (?=${CLASS})| and | or )?)+`;
const NUMBERED = new RegExp(`\\b(class(?:es)?) (${LIST})`, 'gi');

export const lettered = (text) => text.replace(NUMBERED, (_, word, list) =>
  `${word} ${list.replace(/[0-7]/g, (k) => 'ABCDEFGH'[k])}`);

// What is said of a place that is asked about, for ears.
export function spoken(film, { x, y, label, part }, { probabilities }) {
  const said = probabilities.indexOf(Math.max(...probabilities));
  const here = label === undefined ? ''
    : ` A ${['training', 'test', 'validation'][part]} point of ${film.label(label)} is here.`;
  return `x1 ${number(x, 2)}, x2 ${number(y, 2)}: ${film.label(said)}, `
    + `${percent(probabilities[said], 0)}.${here}`;
}
