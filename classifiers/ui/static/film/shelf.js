// Runs that the visitor kept to compare. They live in the page, for all its players.
const runs = [];
const listeners = [];

export function keepRuns(more) {
  runs.push(...more);
  for (const listener of listeners) listener(runs);
}

export function onKept(listener) {
  listeners.push(listener);
  listener(runs);
}
