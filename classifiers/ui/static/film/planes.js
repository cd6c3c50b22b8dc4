// From planes to pixels and lines. A plane of the film is a byte a pixel: class and the root of its
// confidence; here it only meets a table of colours. Nothing here touches the page.
const POSITIVE = [15, 130, 120];
const NEGATIVE = [190, 55, 145];

function pack(r, g, b, a) {
  return (Math.round(a) << 24) | (b << 16) | (g << 8) | r;
}

// The 256 colours of a view, each as a pixel.
export function colourTable(view, { palette, levels }) {
  const table = new Uint32Array(256);
  for (let value = 0; value < 256; value += 1) {
    const colour = palette[Math.floor(value / levels)];
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const sure = ((value % levels) / (levels - 1)) ** 2;
    const strength = { labels: 0.42, confidence: 0.03 + 0.82 * sure, disagreement: 0.2 }[view];
    table[value] = pack(r, g, b, 255 * strength);
  }
  return table;
}

// Where members disagree, the ink of the page lies over the colours.
export function shadeDisagreement(pixels, disagreement, members, ink) {
  const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
  for (let i = 0; i < pixels.length; i += 1) {
    if (!disagreement[i]) continue;
    const alpha = Math.min(1, 0.25 + (0.6 * disagreement[i]) / (members / 2));
    pixels[i] = pack(r, g, b, 255 * alpha);
  }
}

// What one neuron answers: one colour above zero, another below.
export function neuronPixels(neurons, unit, { neuronSide, neuronLevels }) {
  const area = neuronSide * neuronSide;
  const pixels = new Uint32Array(area);
  for (let i = 0; i < area; i += 1) {
    const level = neurons[unit * area + i] - neuronLevels;
    const [r, g, b] = level < 0 ? NEGATIVE : POSITIVE;
    pixels[i] = pack(r, g, b, (230 * Math.abs(level)) / neuronLevels);
  }
  return pixels;
}

// The lines [x1, y1, x2, y2] where the class changes, in pixels of the plane. Between two pixels
// the line runs nearer to the one that is less sure.
export function contour(plane, side, levels) {
  const lines = [];
  const label = (i) => Math.floor(plane[i] / levels);
  const cross = (a, b) => {
    const [one, two] = [a, b].map((i) => ((plane[i] % levels) + 0.5) ** 2);
    return one / (one + two);
  };
  for (let row = 0; row + 1 < side; row += 1) {
    for (let column = 0; column + 1 < side; column += 1) {
      const a = row * side + column;
      const [b, c, d] = [a + 1, a + side, a + side + 1];
      const [la, lb, lc, ld] = [label(a), label(b), label(c), label(d)];
      if (la === lb && la === lc && la === ld) continue;
      const [x, y] = [column + 0.5, row + 0.5];
      const met = [];
      if (la !== lb) met.push([x + cross(a, b), y]);
      if (lb !== ld) met.push([x + 1, y + cross(b, d)]);
      if (lc !== ld) met.push([x + cross(c, d), y + 1]);
      if (la !== lc) met.push([x, y + cross(a, c)]);
      const hub = met.length === 2 ? met[1] : [x + 0.5, y + 0.5];
      for (const point of met.length === 2 ? [met[0]] : met) lines.push([...point, ...hub]);
    }
  }
  return lines;
}
