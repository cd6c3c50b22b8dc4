// The one threshold and the one pair of costs of the heart tab, and the threshold that theory asks
// for at such costs. Whoever changes them tells everybody: Patient, Threshold, Table and the
// exercises never stand at two thresholds.
const watchers = new Set();
let state = null;

// {threshold, miss, alarm}, or null before the first panel has named the model's own.
export const decision = () => state;

// The threshold that theory asks for where a miss costs `miss` and a false alarm `alarm`.
export const thresholdFor = ({ miss, alarm }) => alarm / (miss + alarm);

// Sets what the model starts with; what a visitor has chosen since stays.
export function begin(start) {
  if (!state) tell(start);
}

export function change(part) {
  tell({ ...state, ...part });
}

// Moves the threshold to a whole per cent. The one next to what theory asks for is that itself:
// two thresholds that read alike would not decide alike.
export function slide(percent) {
  const theory = thresholdFor(state);
  change({ threshold: Math.abs(percent / 100 - theory) < 0.005 ? theory : percent / 100 });
}

// The costs stay; the threshold is what theory asks for at them.
export function backToTheory() {
  change({ threshold: thresholdFor(state) });
}

// Calls `show(state)` now, if there is one, and at each change; gives back how to stop.
export function watch(show) {
  watchers.add(show);
  if (state) show(state);
  return () => watchers.delete(show);
}

function tell(next) {
  state = next;
  for (const show of watchers) show(state);
}
