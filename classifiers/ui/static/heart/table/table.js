// A table of patients that was predicted: what came of it, and the threshold at which it was
// decided. Another threshold is one press away: the file lies on the server still.
import { wholePercent } from '../../charts/scale.js';
import { begin, decision, watch } from '../decision.js';
import { node, partsOf } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { measured, rowsPanel, summary } from './answer.js';
import { columnsPanel } from './columns.js';

let panel = null;

// The page's threshold, for a file that is now on its way to be predicted (null: there is none).
export function ask(file) {
  const threshold = decision()?.threshold ?? null;
  panel?.wait(file, threshold);
  return threshold;
}

// What this page calls the run that it asked for last.
export function runs() {
  return panel?.run ?? '';
}

// What the reader of the page said of the file's columns, as JSON; nothing of a new file.
export function options() {
  return panel?.said ? JSON.stringify(panel.said) : '';
}

export function start({ element, props, trigger }) {
  panel = new Batch(element.querySelector('.batch'), trigger);
  let last = '';
  const show = () => {
    if (props.start) begin(JSON.parse(props.start));
    if (props.value && props.value !== last) panel.show(JSON.parse(props.value));
    last = props.value;
  };
  show();
  watch((state) => panel.follow(state));
  return show;
}

class Batch {
  constructor(root, trigger) {
    this.root = root;
    this.part = partsOf(root);
    this.answer = null;
    this.said = null;
    this.file = null;
    this.run = '';
    this.decide = () => trigger('submit', {});
    watchWords(root, 'heart');
    this.part('again').addEventListener('click', this.decide);
    this.part('halt').addEventListener('click', () => {
      this.part('done').textContent = 'stopping…';
      trigger('halt', {});
    });
  }

  wait(file) {
    this.answer = null;
    const path = file?.path ?? null;
    if (path !== this.file) this.said = null;
    this.file = path;
    this.run = Math.random().toString(36).slice(2);
    this.root.dataset.state = file ? 'waiting' : 'empty';
    const name = file?.orig_name ?? 'the file';
    this.tell(file ? [node('p', {}, `Reading and predicting ${name}…`)] : []);
    this.progress(null);
    this.follow(decision());
  }

  show(answer) {
    if (answer.state === 'working') {
      if (this.root.dataset.state === 'waiting') this.progress(answer);
      return;
    }
    this.root.dataset.state = answer.state;
    this.answer = answer.state === 'ok' ? answer : null;
    const columns = answer.seen ? [columnsPanel(answer.seen, (said) => {
      this.said = said;
      this.decide();
    })] : [];
    if (answer.state === 'ok') {
      const converted = answer.seen.converted.join('; ');
      this.tell([...summary(answer),
        ...(converted ? [node('p', { class: 'small' }, `As you said: ${converted}`)] : [])],
      [rowsPanel(answer), ...measured(answer.outcomes), ...columns]);
    } else if (answer.state === 'stopped') {
      this.tell([node('p', {}, 'Stopped: there is no answer.')]);
    } else {
      const { message, seen } = answer;
      const told = seen?.questions ?? (message ? [message] : []);
      this.tell(told.map((text) => node('p', { class: 'error' }, text)), columns);
      if (columns.length) {
        this.part('told').append(node('p', {}, 'Nothing is predicted before that is answered: '
          + 'choose below what is meant, then press “Read again so”.'));
      }
    }
    this.follow(decision());
  }

  // What a screen reader says at once, and what stands below it.
  tell(told, rest = []) {
    this.part('told').replaceChildren(...told);
    this.part('rest').replaceChildren(...rest);
  }

  // percent: of the rows; null before the first of them.
  progress(known) {
    const bar = this.part('progress');
    const text = known?.text ?? '';
    bar.classList.toggle('known', known !== null);
    bar.firstElementChild.style.width = known ? `${known.percent}%` : '';
    if (known) bar.setAttribute('aria-valuenow', known.percent);
    else bar.removeAttribute('aria-valuenow');
    bar.setAttribute('aria-valuetext', text || 'reading');
    this.part('done').textContent = text;
  }

  follow(state) {
    if (!state) return;
    const { answer } = this;
    const stopped = this.root.dataset.state === 'stopped';
    const stale = answer !== null && Math.abs(answer.threshold - state.threshold) > 1e-9;
    this.root.classList.toggle('stale', stale);
    this.part('at').textContent = stale
      ? `Decided at ${wholePercent(answer.threshold)}; the threshold of this page is now `
        + `${wholePercent(state.threshold)}.`
      : `${answer ? 'Decided' : 'Files are decided'} at ${wholePercent(state.threshold)}, the `
        + 'threshold of this page.';
    this.part('again').textContent = stopped ? 'Predict it after all'
      : `Decide anew at ${wholePercent(state.threshold)}`;
    this.part('again').hidden = !stale && !stopped;
  }
}
