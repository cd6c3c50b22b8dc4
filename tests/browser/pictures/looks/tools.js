// What the looks at single modules share: values as plain JSON, a context that writes down what is
// drawn with it, and numbers that are drawn by lot and the same each time.
const load = (name) => import(new URL(`${base}/${name}.js`, location.origin));

const written = (value) => (Number.isInteger(value) || !Number.isFinite(value) ? String(value)
  : String(Number(value.toPrecision(5)).toFixed(2)));

// One line an element, as deep as it lies.
function lines(element, depth = 1, skipped = null) {
  const told = [...element.attributes].map(({ name, value }) =>
    `${name}="${value.replace(/-?\d+\.\d+/g, (n) => written(Number(n)))}"`);
  const own = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent);
  const state = 'value' in element && element.localName !== 'button' && element.localName !== 'li'
    ? [`= ${element.value}`] : [];
  return [`${' '.repeat(depth)}${[element.localName, ...told, ...state, ...own].join(' ')}`,
    ...[...element.children].filter((child) => !skipped || !child.matches(skipped))
      .flatMap((child) => lines(child, depth + 1, skipped))];
}

function sampled(values) {
  const finite = values.filter(Number.isFinite);
  const step = Math.ceil(values.length / 16);
  return { length: values.length, mean: finite.reduce((a, b) => a + b, 0) / (finite.length || 1),
    [`every ${step}th`]: Array.from(values.filter((_, i) => i % step === 0), plain) };
}

function plain(value) {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function') return 'function';
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Element) return lines(value);
  if (value instanceof DocumentFragment) return [...value.children].flatMap((one) => lines(one));
  if (value instanceof Map) return plain([...value]);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const long = value.length > 64 && value.every((one) => typeof one === 'number');
    return long ? sampled(value) : Array.from(value, plain);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

// What is drawn: each call and each property that is set, with what came between left out where it
// is long.
function recorder(real = null) {
  const ops = [];
  const said = (value) => (typeof value === 'number' ? written(value)
    : value?.localName === 'canvas' ? `canvas ${value.width} x ${value.height}`
      : value instanceof ImageData ? `image ${value.width} x ${value.height}`
        : value instanceof Path2D ? 'path' : Array.isArray(value) ? `[${value.map(said)}]`
          : String(value));
  const context = new Proxy({}, {
    get: (_, name) => (...values) => {
      ops.push([name, ...(values.length ? values.map(said) : ['()'])].join(' '));
      return real?.[name](...values);
    },
    set: (_, name, value) => {
      ops.push(`${name} = ${said(value)}`);
      if (real) real[name] = value;
      return true;
    },
  });
  return { context, ops };
}

function shortened(ops, most = 60) {
  if (ops.length <= most) return ops;
  const sums = {};
  for (const op of ops) {
    const [name, ...rest] = op.split(' ');
    const sum = (sums[name] ??= { times: 0, mean: [] });
    sum.times += 1;
    rest.map(Number).forEach((value, i) => {
      if (Number.isFinite(value)) sum.mean[i] = (sum.mean[i] ?? 0) + value;
    });
  }
  for (const sum of Object.values(sums)) {
    sum.mean = Array.from(sum.mean, (value) => (value ?? 0) / sum.times);
  }
  return { first: ops.slice(0, 24), last: ops.slice(-12), all: sums };
}

// A path that writes down where it goes.
class Trace extends Path2D {
  constructor() {
    super();
    this.way = [];
  }

  moveTo(x, y) {
    this.way.push(`M ${written(x)} ${written(y)}`);
    super.moveTo(x, y);
  }

  lineTo(x, y) {
    this.way.push(`L ${written(x)} ${written(y)}`);
    super.lineTo(x, y);
  }

  addPath(path, matrix) {
    this.way.push(`add ${[matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f].map(written)
      .join(' ')}`, ...path.way);
    super.addPath(path, matrix);
  }
}

function lot(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Pixels of a square as means of 8 x 8 tiles, a list a channel.
function tiles(pixels, side = Math.sqrt(pixels.length)) {
  const wide = side / 8;
  return [0, 8, 16, 24].map((shift) => {
    const sums = Array.from({ length: 64 }, () => [0, 0]);
    pixels.forEach((pixel, i) => {
      const tile = 8 * Math.floor(Math.floor(i / side) / wide) + Math.floor((i % side) / wide);
      sums[tile][0] += (pixel >>> shift) & 255;
      sums[tile][1] += 1;
    });
    return sums.map(([sum, count]) => sum / Math.max(1, count));
  });
}

const colours = (() => {
  const classes = [[31, 119, 180], [255, 127, 14], [44, 160, 44], [214, 39, 40], [148, 103, 189],
    [140, 86, 75], [227, 119, 194], [127, 127, 127]];
  const mixed = (a, b, t) => a.map((value, i) => value + (b[i] - value) * t);
  return { page: [250, 250, 249], paper: [255, 255, 253], ink: [20, 24, 31], ink2: [80, 84, 91],
    line: [200, 201, 205], line2: [180, 181, 186], wash: [240, 241, 243], pos: [15, 130, 120],
    neg: [190, 55, 145], classes, dark: false,
    regions: classes.map((colour) => mixed([255, 255, 253], colour, 0.4)) };
})();

// Timers whose time passes when it is told to, but for those of some waits, which never come, and
// sizes that are looked at when it is told to; gives how to let time pass.
function clock(...ignored) {
  let now = 0;
  const timers = [];
  const later = window.setTimeout.bind(window);
  const watched = new Map();
  window.ResizeObserver = class {
    constructor(call) {
      watched.set(this, []);
      this.call = call;
    }

    observe(target) {
      watched.get(this).push(target);
    }

    disconnect() {
      watched.set(this, []);
    }
  };
  window.setTimeout = (call, wait = 0) =>
    timers.push({ at: ignored.includes(wait) ? Infinity : now + wait, call });
  window.clearTimeout = (id) => { if (timers[id - 1]) timers[id - 1].call = null; };
  performance.now = () => now;
  Math.random = () => 0.5;
  return async (milliseconds = 0, sizes = false) => {
    if (sizes) {
      for (const [{ call }, targets] of watched) call(targets.map((target) => ({ target })));
    }
    now += milliseconds;
    for (const timer of timers) {
      const { call } = timer;
      if (!call || timer.at > now) continue;
      timer.call = null;
      call();
    }
    await new Promise((done) => { later(done, 0); });
  };
}

// Lines of an element that it did not have at the look before; long rows of numbers made short.
function changed(root, before, skipped) {
  const now = lines(root, 1, skipped).map((line) => line.replace(/ points="([^"]{160,})"/, (_, points) => {
    const places = points.split(' ');
    return ` ${places.length} points="${places.filter((_, i) => i % 50 === 0).join(' ')}"`;
  }).replaceAll(location.origin, 'origin'));
  const left = new Map();
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1);
  const news = now.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
  return [now, news];
}

// What is saved from now on: names, and texts as lines of what they draw, or as they are.
function saves() {
  const files = [];
  URL.createObjectURL = (blob) => {
    files.push({ blob });
    return 'data:,';
  };
  HTMLAnchorElement.prototype.click = function click() { files.at(-1).name = this.download; };
  const told = () => Promise.all(files.splice(0).map(async ({ blob, name }) => {
    const text = blob.type === 'image/png' ? '' : await blob.text();
    if (!text.startsWith('<svg')) return [name, blob.type, text];
    const place = document.createElement('div');
    place.innerHTML = text;
    return [name, blob.type, lines(place)];
  }));
  return { files, told };
}

// Waits for what the page itself does later.
async function until(done, most = 900) {
  for (let frames = 0; frames < most && !done(); frames += 1) {
    await new Promise((next) => { requestAnimationFrame(next); });
  }
}
