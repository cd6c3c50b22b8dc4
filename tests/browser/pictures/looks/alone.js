// A component alone, in a page without Gradio: its time passes when it is told to, and what it asks
// of the server is written down.
async ([base, place, module, html, settings, props, style]) => {
  const later = window.setTimeout.bind(window);
  const frame = window.requestAnimationFrame.bind(window);
  const bench = { now: 1000, frames: [], timers: [], triggers: [], saved: [], pending: 0, errors: [],
    dated: 999 };
  window.bench = bench;
  window.requestAnimationFrame = (call) => bench.frames.push(call);
  window.setTimeout = (call, wait = 0) => bench.timers.push({ at: bench.now + wait, call });
  window.setInterval = (call, every) => bench.timers.push({ at: bench.now + every, call, every });
  const forget = (id) => { if (bench.timers[id - 1]) bench.timers[id - 1].call = null; };
  window.clearTimeout = forget;
  window.clearInterval = forget;
  performance.now = () => bench.now;
  Date.now = () => { bench.dated += 1; return bench.dated; };
  Math.random = () => 0.5;
  window.reportError = (error) => bench.errors.push(String(error));
  URL.createObjectURL = (blob) => {
    bench.saved.push({ blob });
    return 'data:,';
  };
  HTMLAnchorElement.prototype.click = function click() {
    bench.saved.at(-1).name = this.download;
  };
  const Inflating = window.DecompressionStream;
  window.DecompressionStream = function Counted(kind) {
    const { readable, writable } = new Inflating(kind);
    bench.pending += 1;
    const reader = readable.getReader();
    return { writable, readable: { getReader: () => ({ async read() {
      const part = await reader.read();
      if (part.done) bench.pending -= 1;
      return part;
    } }) } };
  };

  // Until nothing is on its way in the page itself.
  bench.settle = async () => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await new Promise((done) => { later(done, 0); });
      if (bench.pending) quiet = -1;
    }
    await new Promise((done) => { frame(done); });
    await new Promise((done) => { later(done, 0); });
  };
  bench.advance = async (milliseconds) => {
    const end = bench.now + milliseconds;
    do {
      bench.now = Math.min(end, bench.now + 16);
      for (const timer of bench.timers) {
        if (timer.at <= bench.now && timer.call) {
          const { call } = timer;
          if (timer.every) timer.at += timer.every;
          else timer.call = null;
          call();
        }
      }
      for (const call of bench.frames.splice(0)) call(bench.now);
      await Promise.resolve();
    } while (bench.now < end);
    await bench.settle();
    for (const call of bench.frames.splice(0)) call(bench.now);
  };

  for (const href of style.linked) {
    await new Promise((done) => {
      document.head.append(Object.assign(document.createElement('link'),
        { rel: 'stylesheet', href: `${base}/${href}`, onload: done }));
    });
  }
  document.head.append(Object.assign(document.createElement('style'), { textContent: style.text }));
  document.body.style.margin = '0';
  document.body.innerHTML = `<div id="${place}">${html}</div>`;
  const { start } = await import(new URL(`${base}/${module}.js`, location.origin));
  const { onKept } = await import(new URL(`${base}/film/shelf.js`, location.origin));
  onKept((runs) => {
    bench.kept = runs.map(({ start: { title }, rows, frames, result }) =>
      `${title}: ${rows.epoch.length} rows, ${frames.length} pictures, ${Boolean(result)}`);
  });
  bench.props = props;
  bench.tell = start({ element: document.querySelector(`#${place}`), props: bench.props, early: [],
    trigger: (name, about) => bench.triggers.push([name, about]) }, settings);
  await bench.settle();
}
