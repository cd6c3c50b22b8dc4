// Pictures that are shades: how sure, how far the members agree, what one unit answers. All are
// painted small, a pixel a corner of the grid, and drawn large and smooth.
import { mix, packed } from './colours.js';

const STEPS = 64;

function ramp(from, to, most) {
  return Array.from({ length: STEPS + 1 }, (_, k) => packed(mix(from, to, (most * k) / STEPS)));
}

const stepOf = (share) => Math.round(STEPS * Math.min(1, Math.max(0, share)));

// From an even guess (paper) to certainty (the class's colour).
export function confidencePixels(probabilities, colours) {
  const classes = probabilities.length;
  const ramps = colours.classes.slice(0, classes)
    .map((colour) => ramp(colours.paper, colour, colours.dark ? 0.62 : 0.7));
  const pixels = new Uint32Array(probabilities[0].length);
  for (let i = 0; i < pixels.length; i += 1) {
    let best = 0;
    for (let c = 1; c < classes; c += 1) {
      if (probabilities[c][i] > probabilities[best][i]) best = c;
    }
    pixels[i] = ramps[best][stepOf((probabilities[best][i] - 1 / classes) / (1 - 1 / classes))];
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
  const ramps = colours.classes.map((colour) => {
    const faint = mix(colours.paper, colour, colours.dark ? 0.3 : 0.26);
    return ramp(faint, colours.ink, 0.8);
  });
  // More than half can disagree only where three classes meet.
  return Uint32Array.from(shares, (share, i) => ramps[together[i]][stepOf(share / 0.6)]);
}

// One plane: above zero in one colour, below in another. Tells the largest size, too.
export function unitPixels(plane, colours) {
  let most = 1e-12;
  for (const value of plane) if (Math.abs(value) > most) most = Math.abs(value);
  const ramps = [colours.neg, colours.pos].map((colour) => ramp(colours.paper, colour, 0.92));
  return Uint32Array.from(plane,
    (value) => ramps[Number(value > 0)][stepOf(Math.abs(value) / most)]);
}

export function sharePixels(plane, colour, colours) {
  const shades = ramp(colours.paper, colour, 0.9);
  return Uint32Array.from(plane, (value) => shades[stepOf(value)]);
}

// Every `stride`-th corner of a grid.
export function thinned(plane, cells, stride) {
  if (stride === 1) return plane;
  const found = [];
  for (let row = 0; row <= cells; row += stride) {
    for (let column = 0; column <= cells; column += stride) {
      found.push(plane[row * (cells + 1) + column]);
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
