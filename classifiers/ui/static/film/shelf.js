// Runs that the visitor kept to compare: in the page, for all its players, and in the browser's
// storage, where it lets them.
const [NAME, STORE, KEY] = ['classifiers-kept-runs', 'shelf', 'runs'];
const FORMAT = 1; // of a kept run; others are dropped
const MOST = 8;
const MOST_BYTES = 40e6;

const runs = [];
const listeners = [];
const recalled = recall();

export async function keepRuns(more) {
  await recalled; // or what was kept before would be written over
  change([...runs, ...more]);
}

export async function forgetRuns() {
  await recalled;
  change([]);
}

export function onKept(listener) {
  listeners.push(listener);
  listener(runs);
}

function change(next) {
  runs.splice(0, runs.length, ...bounded(next));
  tell();
  put();
}

function tell() {
  for (const listener of listeners) listener(runs);
}

// The newest, as many as there is room for; one at least.
function bounded(all) {
  let bytes = 0;
  const kept = [];
  for (const run of all.slice(-MOST).toReversed()) {
    bytes += bytesOf(run);
    if (kept.length && bytes > MOST_BYTES) break;
    kept.unshift(run);
  }
  return kept;
}

// The pictures are all that counts.
function bytesOf({ frames }) {
  return frames.reduce((sum, { region, disagreement, neurons }) => sum
    + [region, disagreement, neurons].reduce((all, plane) => all + (plane?.byteLength ?? 0), 0), 0);
}

function isRun(run) {
  return Array.isArray(run?.frames)
    && run.frames.every(({ region }) => region instanceof Uint8Array)
    && typeof run.start?.title === 'string' && Array.isArray(run.rows?.epoch)
    && Array.isArray(run.points);
}

// Storage may be absent, full or refused, as in a frame of another site: runs live in the page.
async function recall() {
  try {
    const found = await request('readonly', (store) => store.get(KEY));
    if (found?.format !== FORMAT || !Array.isArray(found.runs)) return;
    runs.push(...bounded(found.runs.filter(isRun)));
    if (runs.length) tell();
  } catch { /* nothing is kept */ }
}

async function put() {
  try {
    await request('readwrite', (store) => store.put({ format: FORMAT, runs }, KEY));
  } catch { /* nothing is kept */ }
}

function request(mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
    opening.addEventListener('error', () => reject(opening.error));
    opening.addEventListener('success', () => {
      const database = opening.result;
      const asked = ask(database.transaction(STORE, mode).objectStore(STORE));
      asked.addEventListener('success', () => resolve(asked.result));
      asked.addEventListener('error', () => reject(asked.error));
      asked.transaction.addEventListener('complete', () => database.close());
    });
  });
}
