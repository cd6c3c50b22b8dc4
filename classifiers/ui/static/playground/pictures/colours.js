// The page's colours as numbers, for canvases. They are defined once, in stage.css.
export const LETTERS = 'ABCDEFGH';
const NAMES = ['page', 'paper', 'ink', 'ink2', 'line', 'line2', 'wash', 'pos', 'neg'];

export const mix = (a, b, t) => a.map((value, i) => value + (b[i] - value) * t);
export const css = (colour, alpha = 1) => `rgba(${colour.map(Math.round)},${alpha})`;
export const packed = ([r, g, b]) => (0xff000000 | (Math.round(b) << 16) | (Math.round(g) << 8)
  | Math.round(r)) >>> 0;

function toNumbers(text) {
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

// Of an element: light or dark as it is just now.
export function readColours(element) {
  const style = getComputedStyle(element);
  const read = (name) => toNumbers(style.getPropertyValue(`--${name}`).trim());
  const colours = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  colours.classes = [...LETTERS].map((letter) => read(`class-${letter}`));
  colours.dark = colours.page[0] < 128;
  colours.regions = colours.classes.map(
    (colour) => mix(colours.paper, colour, colours.dark ? 0.5 : 0.4));
  return colours;
}
