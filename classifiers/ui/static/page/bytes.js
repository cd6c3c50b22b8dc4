// Bytes that came as text.
export function toBytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// Those that were deflated, in a buffer of their own. Not by way of a Blob: that asks another
// process of the browser, which takes more than a millisecond each time.
export async function inflate(text) {
  const { readable, writable } = new DecompressionStream('deflate');
  const writer = writable.getWriter();
  // What is wrong with the bytes is told to whoever reads.
  Promise.all([writer.write(toBytes(text)), writer.close()]).catch(() => {});
  const reader = readable.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
