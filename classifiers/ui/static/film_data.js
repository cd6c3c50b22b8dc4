// From a message to bytes, and small helpers for drawing. SETTINGS comes from Python.
function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function toBytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// A sprite holds each plane as its difference from the one before; bytes wrap around.
async function decodePlanes(sprite, size) {
  const packed = new Blob([toBytes(sprite)]).stream();
  const stream = packed.pipeThrough(new DecompressionStream('deflate'));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let i = size; i < data.length; i += 1) data[i] += data[i - size];
  const planes = [];
  for (let start = 0; start < data.length; start += size) {
    planes.push(data.subarray(start, start + size));
  }
  return planes;
}

// Points come as 16-bit positions within the picture, then a byte: class, and part above it.
function decodePoints(points, [xMin, xMax, yMin, yMax]) {
  const bytes = toBytes(points.data);
  const view = new DataView(bytes.buffer);
  const found = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5) {
    found.push({
      x: xMin + (view.getUint16(at, true) / 65535) * (xMax - xMin),
      y: yMin + (view.getUint16(at + 2, true) / 65535) * (yMax - yMin),
      label: bytes[at + 4] & 15,
      part: bytes[at + 4] >> 4,
    });
  }
  return found;
}

function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function short(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(3)));
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}
