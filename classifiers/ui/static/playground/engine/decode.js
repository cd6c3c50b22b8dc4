// Films of weights, from a message to numbers.
import { inflate } from '../../page/bytes.js';

// Text to moments, each a list of members, each a Float32Array of `count` parameters: deflated
// bytes, first all first bytes of the floats, and so on; each moment as what differs (by bits) from
// the one before.
export async function decodeParameters(text, members, count) {
  const bytes = await inflate(text);
  const total = bytes.length / 4;
  const bits = new Uint32Array(total);
  for (let i = 0; i < total; i += 1) {
    bits[i] = bytes[i] | (bytes[total + i] << 8) | (bytes[2 * total + i] << 16)
      | (bytes[3 * total + i] << 24);
  }
  const size = members * count;
  for (let i = size; i < total; i += 1) bits[i] ^= bits[i - size];
  const moments = [];
  for (let from = 0; from < total; from += size) {
    moments.push(Array.from({ length: members }, (_, k) =>
      new Float32Array(bits.buffer, 4 * (from + k * count), count)));
  }
  return moments;
}

// Deflated 32-bit counts, ten times what they are, a square a moment.
export async function decodeConfusion(text, classes) {
  const numbers = new Uint32Array((await inflate(text)).buffer);
  const squares = [];
  for (let at = 0; at < numbers.length; at += classes * classes) {
    squares.push(Array.from({ length: classes }, (_, row) =>
      [...numbers.subarray(at + row * classes, at + (row + 1) * classes)].map((n) => n / 10)));
  }
  return squares;
}
