// A predicted table on the page: its decisions, its rows to leaf through, what they were worth.
// Every number and every text is Python's.
import { node } from '../../page/dom.js';

const english = (count) => count.toLocaleString('en');

// What is said at once.
export function summary(answer) {
  const counts = answer.decisions.map(([name, count]) =>
    node('li', { class: name.replaceAll(' ', '-') }, node('b', {}, english(count)), ` ${name}`));
  return [node('p', { class: 'rows' }, `${answer.rows}:`),
    node('ul', { class: 'decisions' }, ...counts),
    ...answer.findings.map((text) => node('p', { class: 'small' }, text)),
    ...(answer.doubtful ? [node('p', { class: 'small' }, `⚠ ${english(answer.doubtful)} `
      + (answer.doubtful === 1 ? 'row has' : 'rows have')
      + ' values that the model knows little of, or that look like another coding.')] : [])];
}

// The answer's rows, a page at a time, and those that were refused.
export function rowsPanel(answer) {
  const tables = [new Pages(answer).root];
  if (answer.refused.length) {
    tables.push(part('Rows that could not be predicted', ['Row', 'Reason'], answer.refused));
    if (answer.more) tables.at(-1).append(node('p', { class: 'small' }, answer.more));
  }
  return node('div', { class: 'tables' }, ...tables);
}

class Pages {
  constructor(answer) {
    this.answer = answer;
    this.rows = answer.all;
    this.first = 0;
    this.title = node('h3', {});
    this.place = node('span', { role: 'status', 'data-part': 'place' });
    this.body = node('tbody', {});
    this.box = frame(answer.header, this.body, answer.own);
    this.back = this.turn('‹ Previous', -1);
    this.next = this.turn('Next ›', 1);
    this.root = node('div', { class: 'preview' }, this.title, this.box, ...this.controls());
    this.show();
  }

  controls() {
    const { all, count, doubted, in_doubt: inDoubt, page } = this.answer;
    const parts = [];
    if (all.length > page) {
      parts.push(node('nav', { class: 'pages', 'aria-label': 'Pages of the answer' },
        this.back, this.next, this.jump(), this.place));
    }
    if (inDoubt && inDoubt < count) {
      const only = node('input', { type: 'checkbox' });
      only.addEventListener('change', () => {
        this.rows = only.checked ? doubted : all;
        this.go(0);
      });
      parts.push(node('label', { class: 'only' }, only,
        ` Only the ${english(inDoubt)} marked or refused`));
    }
    if (all.length < count) {
      parts.push(node('p', { class: 'small' }, `The first ${english(all.length)} rows can be `
        + 'looked through here; all are in the file.'));
    }
    return parts;
  }

  turn(text, step) {
    const button = node('button', { type: 'button' }, text);
    button.addEventListener('click', () => this.go(this.first + step * this.answer.page));
    return button;
  }

  jump() {
    const box = node('input', { type: 'number', min: 1, max: this.answer.all.length, step: 1,
      inputmode: 'numeric', 'aria-label': 'Go to row' });
    box.addEventListener('change', () => {
      const row = Math.round(Number(box.value));
      box.value = '';
      const at = this.rows.findIndex((cells) => Number(cells[0].replaceAll(',', '')) >= row);
      if (row > 0) this.go(at < 0 ? this.rows.length - 1 : at);
    });
    return node('label', { class: 'jump' }, 'Row ', box);
  }

  // The page that row number `first` of those shown is on.
  go(first) {
    const { page } = this.answer;
    const last = Math.floor((this.rows.length - 1) / page) * page;
    this.first = Math.min(last, Math.max(0, Math.floor(first / page) * page));
    this.show();
  }

  show() {
    const { answer, rows, first } = this;
    const end = Math.min(rows.length, first + answer.page);
    const shown = rows.slice(first, end);
    this.body.replaceChildren(...shown.map((cells) => line(cells, answer.own)));
    const hidden = answer.hidden ? `, without ${answer.hidden} of the file's own columns` : '';
    const many = answer.count > answer.page;
    const which = rows === answer.all ? '' : 'in doubt or refused ';
    const from = end === first + 1 ? `Row ${which}` : `Rows ${which}${english(first + 1)} to `;
    this.title.textContent = many || which
      ? `${from}${english(end)} of ${english(which ? answer.in_doubt : answer.count)}${hidden}`
      : `All rows${hidden}`;
    this.box.setAttribute('aria-label', this.title.textContent);
    this.box.scrollTop = 0;
    const pages = Math.ceil(rows.length / answer.page);
    this.place.textContent = `Page ${english(first / answer.page + 1)} of ${english(pages)}`;
    // Disabled they would lose the keyboard's focus.
    this.back.setAttribute('aria-disabled', String(first === 0));
    this.next.setAttribute('aria-disabled', String(end === rows.length));
  }
}

// cells: the row's number, the sender's own, the answer, and what is doubtful about it.
function line(cells, own) {
  const mark = cells.at(-1);
  const shown = cells.slice(0, -1);
  const made = node('tr', mark ? { class: 'doubtful' } : {}, ...shown.map(cellOf('td', own)));
  if (mark) {
    made.firstChild.append(' ', node('span', { 'aria-hidden': 'true' }, '⚠'));
    made.lastChild.append(node('span', { class: 'mark' }, mark));
  }
  return made;
}

// What the risks were worth for patients whose disease the file says.
export function measured(outcomes) {
  if (!outcomes) return [];
  const told = [node('h3', {}, outcomes.title),
    ...(outcomes.warnings ?? []).map((text) => node('p', { class: 'error' }, text)),
    ...outcomes.findings.map((text) => node('p', {}, text))];
  if (outcomes.rows) {
    told.push(part('Figures, with 95 % intervals', outcomes.header, outcomes.rows),
      node('p', {}, outcomes.counts), node('h3', {}, 'From the lowest risks to the highest'),
      node('ul', { class: 'small' }, ...outcomes.groups.map((text) => node('li', {}, text))));
  }
  return [node('section', { class: 'measured' }, ...told)];
}

function part(title, header, rows) {
  const body = node('tbody', {},
    ...rows.map((cells) => node('tr', {}, ...cells.map(cellOf('td', 0)))));
  const box = frame(header, body, 0);
  box.setAttribute('aria-label', title);
  return node('div', {}, node('h3', {}, title), box);
}

// A table in a box of its own that scrolls, so that the page does not. own: how many columns after
// the first are the sender's; a phone shows one of them.
function frame(header, body, own) {
  return node('div', { class: 'scroll', tabindex: '0', role: 'region' },
    node('table', {},
      node('thead', {}, node('tr', {}, ...header.map(cellOf('th', own, { scope: 'col' })))), body));
}

function cellOf(tag, own, attributes = {}) {
  return (text, i) =>
    node(tag, { ...attributes, ...(i > 1 && i <= own ? { class: 'own' } : {}) }, text);
}
