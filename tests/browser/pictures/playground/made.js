// What the looks in this folder share: films of made-up numbers, and parts of a page to draw in.
const { Film } = await load('playground/run/film');
const { Reading } = await load('playground/run/reading');

const CURVES = ['train_loss', 'test_loss', 'train_accuracy', 'test_accuracy'];

// rows: epochs, then a list for each of CURVES; moments as a film has them.
function madeFilm({ points = [], rows = [[0]], moments = [], bayes = null, result = null, ...start }) {
  const film = new Film({ classes: 3, members: 1, names: ['class 0', 'class 1', 'class 2'],
    widths: [], extent: [-2, 3, -1, 5], points: { data: '' }, title: 'Made up', epochs: 40,
    bayes_side: 4, ...start }, bayes);
  film.points = points;
  const training = points.filter(({ part }) => part === 0);
  film.training = film.network?.inputs({ xs: training.map(({ x }) => x),
    ys: training.map(({ y }) => y) });
  film.rows.epoch = rows[0];
  CURVES.forEach((name, k) => { film.rows[name] = { mean: rows[k + 1] ?? rows[0].map(() => null) }; });
  Object.assign(film, { moments, result });
  return film;
}

function build(html) {
  document.body.innerHTML = html;
  return document.body.firstElementChild;
}

// A room of its size.
const room = (width, height, inside = '') => build(
  `<div style="position:relative;width:${width}px;height:${height}px">${inside}</div>`);

const press = (element) => element.dispatchEvent(new MouseEvent('click', { bubbles: true }));

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return btoa(String.fromCharCode(...new Uint8Array(await new Response(stream).arrayBuffer())));
}

// Moments as a message has them: of each its members' parameters, one list after the other.
async function framesOf(epochs, moments, { kept = [], confusion = null } = {}) {
  const bits = new Uint32Array(Float32Array.from(moments.flat(2)).buffer);
  const size = bits.length / moments.length;
  const differences = bits.map((value, i) => (i < size ? value : value ^ bits[i - size]));
  const bytes = [0, 8, 16, 24].flatMap((shift) => [...differences].map((value) => (value >>> shift) & 255));
  const counts = confusion && Uint32Array.from(confusion.flat(2), (value) => Math.round(10 * value));
  return { epochs, kept: epochs.map((_, i) => Boolean(kept[i])), parameters:
    await deflated(Uint8Array.from(bytes)), ...(counts && { confusion: await deflated(counts) }) };
}

// What a list counts, by its values.
function counted(values) {
  const times = {};
  for (const value of values) times[value] = (times[value] ?? 0) + 1;
  return Object.entries(times).map(([value, n]) => `${value}: ${n}`).join(', ');
}
