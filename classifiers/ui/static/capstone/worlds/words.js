// Numbers as the page writes them, and what its words mean. Python sent the numbers.
import { explainIn, listed, explained } from '../../page/gloss.js';

export const NAMES = ['underfit', 'overfit', 'good'];
export const TITLES = { underfit: 'Too small', overfit: 'Too big', good: 'About right' };

const GLOSSARY = {
  world: 'One draw of points, of their split (70 % for training, 30 % for testing) and of starting '
    + 'weights. The rule that makes the points stays the same.',
  epoch: 'One pass over the training points.',
  rule: 'Two half circles, blurred by noise. Each rule has its own pile of worlds.',
  fresh: 'New points from the same rule that made these: what a score on test points tries to '
    + 'tell.',
  bestFresh: 'What the best possible rule scores: it knows how the points were made. Nothing can '
    + 'beat it on fresh points.',
  bestTest: 'The best possible rule on these very test points. It can be beaten here, by luck.',
  loss: 'The price of an answer: −log of the probability given to the true class, averaged.',
  bias: 'The error of the majority vote of all worlds’ networks, less the best possible error.',
  variance: 'The average error of the worlds’ networks, less the error of their majority vote.',
  luck: 'The errors on these test points, less those on fresh ones: nothing that the network did.',
  temperature: 'Divides the network’s outputs before they become probabilities. Above 1 it makes '
    + 'the network less sure. The classes it names stay the same.',
  said: 'All fresh points for which the network said about this probability, against the share of '
    + 'them that were class B.',
  regret: 'Where the network departs from the best possible rule: the larger a square, the more '
    + 'errors that costs.',
};

const WORD = 'worlds-term';

export const term = (key, text) => explained(key, text, WORD);

// Explains all words of the page.
export function explain(root, part) {
  part('glossary').append(...listed(GLOSSARY, WORD));
  for (const place of root.querySelectorAll('span[data-term]')) {
    place.replaceChildren(term(place.dataset.term, place.textContent));
  }
  explainIn(root, part('gloss'), () => GLOSSARY);
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
export const count = (value) => value.toLocaleString('en');

// A difference of shares, in points.
export const points = (share) => {
  const text = (100 * Math.abs(share)).toFixed(1);
  return text === '0.0' ? '0.0' : `${share < 0 ? '−' : '+'}${text}`;
};

export function loss(value) {
  if (!Number.isFinite(value)) return 'not finite';
  if (value < 0.001) return value.toExponential(0).replace('e-', 'e−');
  return value.toFixed(value < 0.1 ? 3 : 2);
}
