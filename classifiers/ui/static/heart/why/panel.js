// Why the risk is what it is, and what the model would say of other patients. All texts and numbers
// come from Python; the threshold is the tab's.
import { offerToSave } from '../../charts/figure.js';
import { download } from '../../charts/save.js';
import { node, partsOf } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { watch } from '../decision.js';
import { percent } from '../patient/sentences.js';
import { patient, watchPatient } from '../patient/state.js';
import { drawUnusual } from './unusual.js';
import { inUnit } from './units.js';
import { drawWaterfall } from './waterfall.js';
import { categoryCard, drawCurve, moveThreshold, numberCard } from './whatif.js';

const MOST_REMEMBERED = 32;

export function start({ element, props }, settings) {
  const panel = new Panel(element.querySelector('.why'), settings);
  const show = () => { if (props.value) panel.receive(props.value); };
  show();
  return show;
}

class Panel {
  constructor(root, settings) {
    this.root = root;
    this.part = partsOf(root);
    this.settings = settings;
    this.text = null;
    this.unit = null; // of blood values
    this.shown = null;
    this.threshold = null;
    this.width = 0;
    this.ways = new Map(); // waterfalls of patients that were explained, for ghosts
    this.ghost = null;
    watchWords(root, 'heart');
    offerToSave(root.querySelector('.way').parentElement, 'attributions');
    this.part('csv').addEventListener('click', () =>
      download(new Blob([this.shown.waterfall.csv], { type: 'text/csv' }), 'attributions.csv'));
    new ResizeObserver(() => {
      if (root.clientWidth !== this.width) this.draw();
    }).observe(root);
    watch((state) => {
      this.threshold = state.threshold;
      this.decide();
    });
    watchPatient(({ unit }) => {
      if (unit !== this.unit && this.text) this.receive(this.text);
      else this.compare();
    });
  }

  receive(text) {
    this.text = text;
    this.unit = patient().unit;
    this.shown = inUnit(text, this.unit, this.settings);
    this.ways.set(this.key(this.shown.values), this.shown.waterfall);
    if (this.ways.size > MOST_REMEMBERED) this.ways.delete(this.ways.keys().next().value);
    this.write();
    this.compare(); // what is not shown yet has no width to draw in
    this.draw();
  }

  key(values) {
    return JSON.stringify(Object.keys(this.shown.values).map((name) => values[name] ?? null));
  }

  // Whether this explains the patient in the form, and which former one has left a ghost.
  compare() {
    const { values, before, kept } = patient();
    if (!this.shown) return;
    const current = !values || this.key(values) === this.key(this.shown.values);
    this.root.dataset.state = current ? 'ok' : 'stale';
    const former = kept ?? (before && !before.quiet ? before : null);
    const way = former && this.ways.get(this.key(former.values));
    const ghost = way && way !== this.shown.waterfall ? way : null;
    if (ghost !== this.ghost) {
      this.ghost = ghost;
      this.part('ghost').textContent = ghost
        ? `Dashed: ${kept ? 'patient A' : 'the patient before'}, ${ghost.end.text}.` : '';
      this.draw();
    }
  }

  write() {
    const { waterfall, pairs, oddness, fields } = this.shown;
    const texts = { title: waterfall.title, lead: waterfall.lead, small: waterfall.small,
      'pairs-title': pairs.title, 'pairs-lead': pairs.lead, 'pairs-note': pairs.note,
      'odd-title': oddness.title, odd: oddness.text };
    for (const [name, text] of Object.entries(texts)) this.part(name).textContent = text;
    const unknown = waterfall.unknown.join(', ');
    this.part('unknown').hidden = !unknown;
    this.part('unknown').querySelector('span').textContent =
      `${unknown}: what isn't known moves nothing.`;
    this.part('pairs').replaceChildren(...pairs.tables.map(pairTable));
    this.root.querySelector('.pairs details').hidden = !pairs.tables.length;
    const numbers = fields.filter((field) => !field.options);
    const categories = fields.filter((field) => field.options);
    this.part('study').hidden = !numbers.some((field) => field.histogram);
    this.part('numbers').replaceChildren(...numbers.map(numberCard));
    this.part('categories').replaceChildren(...categories.map(categoryCard));
  }

  // What has to know its width; a tab that is not open has none.
  draw() {
    this.width = this.root.clientWidth;
    if (!this.shown || !this.width) return;
    const { waterfall, oddness, fields } = this.shown;
    drawWaterfall(this.part('waterfall'), waterfall, this.ghost);
    drawUnusual(this.part('strip'), oddness);
    const numbers = fields.filter((field) => !field.options);
    numbers.forEach((field, i) => drawCurve(this.part('numbers').children[i], field));
    this.decide();
  }

  decide() {
    if (this.threshold === null || !this.shown) return;
    const label = percent(this.threshold);
    this.part('threshold').textContent = label;
    moveThreshold(this.root, this.threshold);
    const { none, nowhere, spans } = this.shown.turning;
    const span = spans.find(({ above, up_to: end }) =>
      above < this.threshold && this.threshold <= end);
    const found = span?.text
      ? `the nearest patient who is called otherwise has ${span.text}` : nowhere;
    this.part('turn').textContent = none || `At a threshold of ${label} ${found}.`;
  }
}

function pairTable({ title, factor, rows, columns, risks, added, note }) {
  const head = node('tr', {}, node('td'), ...columns.map((text) =>
    node('th', { scope: 'col' }, text)));
  const body = rows.map((text, i) => node('tr', {}, node('th', { scope: 'row' }, text),
    ...risks[i].map((risk, j) => {
      const cell = node('td', i + j === 0 ? { class: 'own' } : {}, risk);
      if (i + j === 2) cell.append(' ', node('span', {}, `(${added})`));
      return cell;
    })));
  const caption = node('caption', {}, node('b', {}, title), ` as a pair a further ${factor}`);
  return node('div', { class: 'pair' },
    node('table', {}, caption, node('thead', {}, head), node('tbody', {}, ...body)),
    node('p', { class: 'sub' }, note));
}
