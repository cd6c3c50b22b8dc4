// Where dots stand that would lie on each other: beside each other, as near to the middle as there
// is room. Nothing here touches the page.

// places: heights in pixels, null where a dot is not drawn. Gives how far each is moved aside, at
// most `half`; where all of that is full, dots overlap evenly.
export function aside(places, size, half) {
  const order = places.map((_, i) => i).filter((i) => places[i] !== null)
    .toSorted((a, b) => places[a] - places[b] || a - b);
  const moved = places.map(() => 0);
  const step = size / 2;
  const most = Math.max(0, Math.floor(half / step));
  let first = 0;
  for (const [rank, i] of order.entries()) {
    while (places[i] - places[order[first]] >= size) first += 1;
    const near = order.slice(first, rank);
    const room = (dx) => near.reduce((least, j) =>
      Math.min(least, Math.hypot(moved[j] - dx, places[j] - places[i])), Infinity);
    const free = offsets(most).find((k) => room(k * step) >= size * 0.98);
    moved[i] = step * (free ?? offsets(most).reduce((best, k) =>
      (room(k * step) > room(best * step) + 1e-9 ? k : best), 0));
  }
  return moved;
}

// 0, 1, -1, 2, -2, ...
function offsets(most) {
  return Array.from({ length: 2 * most + 1 }, (_, i) => (i % 2 ? 1 : -1) * Math.ceil(i / 2));
}
