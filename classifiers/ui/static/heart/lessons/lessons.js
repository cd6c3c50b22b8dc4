// The lessons as rows: a question, a short answer, a verdict, two forest plots, details on demand.
// Verdicts and texts come from Python.
import { node, tellProblem } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import {
  drawArea, drawAreaAxis, drawAxis, drawDifference, drawSaid, drawSaidAxis
} from './forest.js';

const KINDS = { helps: 'good', better: 'good', "doesn't": 'none', "can't tell": 'open',
  harmful: 'bad', mixed: 'bad', 'not as good': 'bad' };

export function start({ element, props }) {
  const root = element.querySelector('.lessons');
  watchWords(element.closest('[role=tabpanel]'), 'heart'); // exercises, too
  let shown = null;
  const show = () => {
    if (!props.value || props.value === shown) return; // what is open stays open
    shown = props.value;
    fill(root, JSON.parse(shown));
  };
  show();
  return show;
}

function fill(root, value) {
  if (tellProblem(root, value)) return;
  root.replaceChildren(
    node('h2', {}, value.lead),
    node('p', { class: 'method' }, ...value.tally.flatMap(({ chip: name, count }) =>
      [node('span', { class: 'count' }, chip(name), ` ${count}`), ' ']), value.method),
    ...value.sections.map((section) => lessonSection(section, value.most)),
    groupSection(value.groups));
}

function chip(name) {
  return node('span', { class: 'chip', 'data-kind': KINDS[name] }, name);
}

function head(first, second, ...axes) {
  return node('div', { class: 'head' }, node('span', {}, first), node('span', {}, second),
    node('span', { class: 'plots' }, ...axes));
}

// key: of an experiment, for who is led to it; a group of patients has none.
function row(key, title, verdict, plots, details) {
  return node('details', key ? { 'data-key': key } : {},
    node('summary', {}, node('span', { class: 'asked' }, ...title),
      verdict ? chip(verdict) : node('span'), node('span', { class: 'plots' }, ...plots)),
    node('ul', {}, ...details.map((text) => node('li', {}, text))));
}

function lessonSection({ title, rows }, most) {
  const scales = [[most.accuracy, 100, 'points of accuracy', 'accuracy'],
    [most.log_loss, 1, 'log loss', 'log loss']];
  return node('section', {}, node('h3', {}, title),
    head('Question', 'Answer', ...scales.map((scale) => drawAxis(...scale))),
    ...rows.map((it) => row(it.key,
      [node('b', {}, it.question), node('span', {}, it.answer)], it.chip,
      [drawDifference(it.accuracy, most.accuracy, 100, it),
        drawDifference(it.log_loss, most.log_loss, 1, it)], it.details)));
}

function groupSection({ rows, note }) {
  const [whole] = rows;
  const range = [Math.min(0.5, ...rows.map(({ auc }) => auc.low)), 1];
  const section = node('section', { class: 'groups' },
    node('h3', {}, 'Is it as good for everybody, and elsewhere?'),
    head('Patients', 'As good?', drawAreaAxis(range, whole.auc), drawSaidAxis()),
    ...rows.map((it) => row(null,
      [node('b', {}, it.name, node('i', {}, ` ${it.patients}, ${it.cases} with disease`)),
        ...(it.answer ? [node('span', {}, it.answer)] : [])],
      it.chip, [drawArea(it, range, whole.auc), drawSaid(it)], it.details)));
  section.append(node('p', { class: 'method' }, note));
  return section;
}
