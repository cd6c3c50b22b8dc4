// Pictures that are shades: how sure, how far the members agree, what one unit answers. All are
// painted small, a pixel a corner of the grid, and drawn large and smooth.
import { mix, packed } from './colours.js';

const STEPS = 64;

const steps = (from, to, most) => Uint32Array.from({ length: STEPS + 1 },
  (_, k) => packed(mix(from, to, (most * k) / STEPS)));
const ramps = new WeakMap(); // by the colour that they lead to: made once for a theme

function ramp(from, to, most) {
  if (!ramps.has(to)) ramps.set(to, []);
  const known = ramps.get(to);
  let found = known.find((one) => one.from === from && one.most === most);
  if (!found) {
    found = { from, most, shades: steps(from, to, most) };
    known.push(found);
  }
  return found.shades;
}

const stepOf = (share) => (share > 0 ? (share < 1 ? STEPS * share + 0.5 : STEPS) | 0 : 0);

// From an even guess (paper) to certainty (the class's colour).
export function confidencePixels(probabilities, colours) {
  const classes = probabilities.length;
  const shades = colours.classes.slice(0, classes)
    .map((colour) => ramp(colours.paper, colour, colours.dark ? 0.62 : 0.7));
  const pixels = new Uint32Array(probabilities[0].length);
  for (let i = 0; i < pixels.length; i += 1) {
    let best = 0;
    for (let c = 1; c < classes; c += 1) {
      if (probabilities[c][i] > probabilities[best][i]) best = c;
    }
    pixels[i] = shades[best][stepOf((probabilities[best][i] - 1 / classes) / (1 - 1 / classes))];
  }
  return pixels;
}

// Which share of the members says another class than all of them together.
export function disagreementShares({ mean, labels }, together) {
  const shares = new Float64Array(mean[0].length);
  for (const own of labels) {
    for (let i = 0; i < shares.length; i += 1) shares[i] += own[i] !== together[i];
  }
  return softened(shares.map((count) => count / labels.length));
}

// Each corner as the mean of itself and its neighbours: a few members would make stairs.
function softened(plane) {
  const side = Math.sqrt(plane.length);
  return plane.map((_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    let [sum, count] = [0, 0];
    for (let r = Math.max(0, row - 1); r <= Math.min(side - 1, row + 1); r += 1) {
      for (let c = Math.max(0, column - 1); c <= Math.min(side - 1, column + 1); c += 1) {
        sum += plane[r * side + c];
        count += 1;
      }
    }
    return sum / count;
  });
}

export function disagreementPixels(shares, together, colours) {
  const shades = colours.classes.map((colour) => {
    const faint = mix(colours.paper, colour, colours.dark ? 0.3 : 0.26);
    return steps(faint, colours.ink, 0.8);
  });
  // More than half can disagree only where three classes meet.
  return Uint32Array.from(shares, (share, i) => shades[together[i]][stepOf(share / 0.6)]);
}

// One plane: above zero in one colour, below in another. Tells the largest size, too.
export function unitPixels(plane, colours) {
  let most = 1e-12;
  for (let i = 0; i < plane.length; i += 1) most = Math.max(most, Math.abs(plane[i]));
  const [neg, pos] = [colours.neg, colours.pos].map((colour) => ramp(colours.paper, colour, 0.92));
  const pixels = new Uint32Array(plane.length);
  for (let i = 0; i < pixels.length; i += 1) {
    const value = plane[i];
    pixels[i] = value > 0 ? pos[stepOf(value / most)] : neg[stepOf(-value / most)];
  }
  return pixels;
}

export function sharePixels(plane, colour, colours) {
  const shades = ramp(colours.paper, colour, 0.9);
  const pixels = new Uint32Array(plane.length);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = shades[stepOf(plane[i])];
  return pixels;
}

// Every `stride`-th corner of a grid.
export function thinned(plane, cells, stride) {
  if (stride === 1) return plane;
  const side = Math.floor(cells / stride) + 1;
  const found = new Float64Array(side * side);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      found[row * side + column] = plane[stride * (row * (cells + 1) + column)];
    }
  }
  return found;
}

// Puts square pixels onto a canvas of their own size.
export function putPixels(canvas, pixels) {
  const side = Math.sqrt(pixels.length);
  if (canvas.width !== side) [canvas.width, canvas.height] = [side, side];
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), side, side);
  canvas.getContext('2d').putImageData(image, 0, 0);
}
