// From a message to bytes and points.
import { inflate, toBytes } from '../page/bytes.js';

// A sprite holds each plane as its difference from the one before; bytes wrap around.
export async function decodePlanes(sprite, size) {
  const data = await inflate(sprite);
  for (let i = size; i < data.length; i += 1) data[i] += data[i - size];
  const planes = [];
  for (let start = 0; start < data.length; start += size) {
    planes.push(data.subarray(start, start + size));
  }
  return planes;
}

// Points come as 16-bit positions within the picture, then a byte: class, and part above it.
export function decodePoints(points, [xMin, xMax, yMin, yMax]) {
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
