// The patient in the form, what was asked about it, and what was answered: one state for the
// samples, the form and the result. Nothing that was answered about another patient is current.
const watchers = new Set();
const state = {
  values: null, // by field: a number, null = unknown, or a text that is no number
  unit: 'mg/dl', // cholesterol is kept in mg/dl, whatever it is shown in
  number: 0, // of what was asked last
  status: 'waiting', // or 'now', or 'wrong': the values cannot be used
  problem: null, // an answer that holds no risk
  notes: {}, // what is said beside fields
  shown: null, // {values, answer}, the last patient that had one
  before: null, // the patient before the last change, {values, answer, field, quiet}
  kept: null, // the patient that others are compared with, {values, answer}
};
const studies = new Map();
let send = null;
let timer = 0;

export const patient = () => state;

// Calls `show(state)` now and at each change.
export function watchPatient(show) {
  watchers.add(show);
  show(state);
}

function tell() {
  const place = document.getElementById('patient');
  if (place) place.dataset.patient = state.status;
  for (const show of watchers) show(state);
}

// sendText: takes what goes to the server. The first patient is asked about as the page opens.
export function openForm(sendText, values) {
  send = sendText;
  state.values ??= values;
  if (state.shown) state.shown.values ??= state.values; // the answer came before the form
  tell();
}

// One field gets a value; `wait`, in milliseconds, is for somebody who still types.
export function edit(field, value, wait = 0) {
  if (state.values[field] === value) {
    if (timer && !wait) ask(0);
    return;
  }
  const { before, shown } = state;
  if (before?.field !== field) state.before = shown && { ...shown, field, quiet: false };
  if (state.before?.values[field] === value) state.before = null;
  state.values = { ...state.values, [field]: value };
  const { [field]: _, ...notes } = state.notes;
  state.notes = notes;
  ask(wait);
}

// Another patient altogether; `undoable` where the one in the form would be lost.
export function replace(values, undoable = true) {
  if (state.status === 'now' && isSame(values, state.values)) {
    dismiss();
    return;
  }
  state.before = undoable && state.shown && { ...state.shown, field: null, quiet: true };
  state.values = { ...values };
  state.notes = {};
  ask(0);
}

export function isSame(one, other) {
  return Object.keys(other).every((name) => one[name] === other[name]);
}

export function undo() {
  state.values = state.before.values;
  state.before = null;
  state.notes = {};
  ask(0);
}

export function dismiss() {
  state.before = null;
  tell();
}

export function keep() {
  state.kept = state.shown;
  tell();
}

export function release() {
  state.kept = null;
  tell();
}

export function setUnit(unit) {
  state.unit = unit;
  tell();
}

export function followLink(link) {
  state.before = null;
  ask(0, { link });
}

function ask(wait, more = {}) {
  clearTimeout(timer);
  state.number += 1;
  state.status = 'waiting';
  timer = setTimeout(() => {
    timer = 0;
    const study = state.shown?.answer.study.key;
    send(JSON.stringify({ number: state.number, patient: state.values, unit: state.unit,
      study, ...more }));
  }, wait);
  tell();
}

// What the server answered. An answer to what was asked before the last question is none.
export function take(answer) {
  if (answer.number !== state.number || timer) return;
  const ok = answer.state === 'ok';
  state.status = ok ? 'now' : 'wrong';
  state.problem = ok ? null : answer;
  state.notes = answer.notes;
  if (answer.patient) state.values = answer.patient;
  if (ok) {
    const study = studyOf(answer.study);
    state.shown = { values: state.values, answer: { ...answer, study } };
  }
  tell();
}

// The backdrop, which is sent once; `edges` are the risks at which a threshold calls fewer.
function studyOf(study) {
  if (study.steps) {
    const edges = [...new Set([...study.sick, ...study.well])].toSorted((a, b) => a - b);
    studies.set(study.key, { ...study, edges });
  }
  return studies.get(study.key);
}
