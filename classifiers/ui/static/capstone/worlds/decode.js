// From messages to numbers and outlines, as Python's `recipes.capstone.worlds.message` packs them.
import { inflate } from '../../page/bytes.js';

const READERS = { u8: ['getUint8', 1], u16: ['getUint16', 2], i16: ['getInt16', 2],
  u32: ['getUint32', 4], f32: ['getFloat32', 4] };
export const STEPS = 4095; // of an outline's coordinates across the picture; it may go beyond

// {dtype, shape, data} to {shape, values}; `at(array, i, j, ...)` looks a value up.
export async function decodeArray({ dtype, shape, data }) {
  const bytes = await inflate(data);
  const view = new DataView(bytes.buffer);
  const [read, size] = READERS[dtype];
  const values = new Float64Array(bytes.length / size);
  for (let i = 0; i < values.length; i += 1) values[i] = view[read](i * size, true);
  return { shape, values };
}

export function at({ shape, values }, ...place) {
  let index = 0;
  for (let i = 0; i < shape.length; i += 1) index = index * shape[i] + (place[i] ?? 0);
  return values[index];
}

// Regions one after the other: the number of rings, then each ring's number of corners and their
// differences, as zigzag varints.
function decodeOutlines(bytes) {
  let place = 0;
  const next = () => {
    let [value, shift, byte] = [0, 1, 0];
    do {
      byte = bytes[place];
      place += 1;
      value += (byte & 127) * shift;
      shift *= 128;
    } while (byte & 128);
    return value;
  };
  const signed = () => {
    const value = next();
    return value & 1 ? -(value + 1) / 2 : value / 2;
  };
  const regions = [];
  while (place < bytes.length) {
    const rings = [];
    for (let count = next(); count > 0; count -= 1) {
      const ring = [];
      let [x, y] = [0, 0];
      for (let corners = next(); corners > 0; corners -= 1) {
        x += signed();
        y += signed();
        ring.push([x, y]);
      }
      rings.push(ring);
    }
    regions.push(rings);
  }
  return regions;
}

export async function decodeRegions({ data }) {
  return decodeOutlines(await inflate(data));
}
