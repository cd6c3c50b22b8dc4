// The sample patients, and what can be done with whoever is in the form: another one, a comparison,
// a link, a summary. A link is made when it is asked for, and only then.
import { partsOf } from '../../page/dom.js';
import { isSame, keep, patient, replace, watchPatient } from './state.js';
import { printSummary, summarise } from './summary.js';

export function start({ element }) {
  const part = partsOf(element);
  const samples = [...element.querySelectorAll('.sample')].map((button) =>
    [button, JSON.parse(button.dataset.patient)]);
  const isSample = () => samples.some(([, values]) => isSame(patient().values, values));
  for (const [button, values] of samples) {
    button.addEventListener('click', () => replace(values, !isSample()));
  }
  part('clear').addEventListener('click', () =>
    replace(Object.fromEntries(Object.keys(patient().values).map((name) => [name, null]))));
  part('keep').addEventListener('click', keep);
  part('link').addEventListener('click', () => copy(linkTo(patient().values), part('done'),
    'Link copied.'));
  offerSummary(part);
  watchPatient(({ values, status, kept, shown }) => {
    for (const [button, sample] of samples) {
      button.setAttribute('aria-pressed', Boolean(values) && isSame(values, sample));
    }
    part('done').textContent = '';
    part('keep').disabled = status !== 'now' || kept === shown;
    part('summary').disabled = status !== 'now';
    part('link').disabled = status === 'wrong';
  });
}

function linkTo(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null);
  return `${location.origin}${location.pathname}#patient?${new URLSearchParams(known)}`;
}

// Where a browser lets nobody copy, the text itself is shown.
async function copy(text, place, done) {
  try {
    await navigator.clipboard.writeText(text);
    place.textContent = done;
  } catch {
    place.textContent = text;
  }
}

function offerSummary(part) {
  const dialog = part('dialog');
  part('summary').addEventListener('click', () => {
    part('text').textContent = summarise(patient().shown.answer);
    part('copied').textContent = '';
    dialog.showModal();
  });
  part('copy').addEventListener('click', () => copy(part('text').textContent, part('copied'),
    'Copied.'));
  part('print').addEventListener('click', () => printSummary(part('text').textContent));
  part('close').addEventListener('click', () => dialog.close());
}
