// The sample patients. One that takes the place of another leaves nothing to undo.
import { isSame, patient, replace, watchPatient } from './state.js';

export function start({ element }) {
  const samples = [...element.querySelectorAll('.sample')].map((button) =>
    [button, JSON.parse(button.dataset.patient)]);
  const isSample = () => samples.some(([, values]) => isSame(patient().values, values));
  for (const [button, values] of samples) {
    button.addEventListener('click', () => replace(values, !isSample()));
  }
  watchPatient(({ values }) => {
    for (const [button, sample] of samples) {
      button.setAttribute('aria-pressed', Boolean(values) && isSame(values, sample));
    }
  });
}
