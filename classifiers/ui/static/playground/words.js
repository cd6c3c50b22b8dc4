// How numbers are written, and what words mean.
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

export const GLOSSARY = {
  epoch: 'One pass over all training points.',
  'learning rate': 'How far each step moves the weights. Too small: slow. Too large: it jumps '
    + 'about.',
  optimiser: 'The rule that turns the slope of the error into a step of the weights.',
  regularisation: 'A pull of the weights towards zero, against learning the noise by heart.',
  dropout: 'Switches off this share of the units at random in each step.',
  'batch size': 'How many points are read before each step of the weights.',
  'label noise': 'This share of the points gets a wrong class on purpose. Fresh points never do.',
  'share of class a': 'This share of all points is of class A; the other classes share the rest '
    + 'equally. Even: every blob, ring, moon, arm or square gets as many points.',
  'test share': 'Points kept back. The network never learns from them.',
  activation: 'What a unit does to its weighted sum. ReLU cuts off below zero.',
  'best possible': 'What the perfect classifier gets, which knows how the points were made. '
    + 'Overlap cannot be learned away. On few test points luck can beat it.',
  loss: 'Minus the logarithm of the probability given to the true class, on average. Smaller is '
    + 'better.',
  logits: 'The raw outputs of the network, before they become probabilities.',
  fresh: '100,000 points made after training, never used for anything else. Counted whenever the '
    + 'run pauses.',
  spread: 'A layer has as many directions as units. These are the two widest; this share of the '
    + 'spread between points lies in them.',
  range: 'If the test points were drawn again, 95 of 100 such ranges would hold the true accuracy.',
  start: 'How the weights are drawn before the first step.',
  networks: 'Several networks learn the same points from different starts. The picture shows their '
    + 'mean; curves have a band from the lowest to the highest.',
  'early stopping': 'Goes back to the weights that were best on points which are not trained on.',
};

// What is said of a place that is asked about, for ears.
export function spoken(film, { x, y, label, part }, { probabilities }) {
  const said = probabilities.indexOf(Math.max(...probabilities));
  const here = label === undefined ? ''
    : ` A ${['training', 'test', 'validation'][part]} point of ${film.label(label)} is here.`;
  return `x1 ${number(x, 2)}, x2 ${number(y, 2)}: ${film.label(said)}, `
    + `${percent(probabilities[said], 0)}.${here}`;
}
