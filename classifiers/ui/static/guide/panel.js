// The lesson above the tabs: a line that opens to a card with one step, and a list of all.
import { node, partsOf, write } from '../page/dom.js';
import { Card } from './card.js';
import { linkTo, readChoice } from './choice.js';
import { Place } from './place.js';
import { Progress } from './progress.js';

const TABS = { playground: 'Playground', heart: 'Heart', capstone: 'Capstone' };
const NOW = 'lesson-now';

export function start({ element, props, trigger }, settings) {
  const panel = new Panel(element.querySelector('.guide'), trigger, settings);
  return () => panel.hear(props);
}

class Panel {
  constructor(root, trigger, { steps, goals }) {
    Object.assign(this, { root, trigger, steps, goals, part: partsOf(root), number: 0, heard: {},
      failed: false });
    this.keys = steps.map(({ key }) => key);
    this.progress = new Progress();
    this.place = new Place();
    this.card = new Card(root, { next: () => this.next(), place: (where) => this.place.go(where),
      commit: (option, words) => this.commit(option, words) });
    const asked = new URLSearchParams(window.location.search).get('lesson');
    const { keys, unknown } = readChoice(asked, steps);
    this.chosen = keys;
    if (unknown.length) {
      write(this.part('problem'), `The link names no such step: ${unknown.join(', ')}. `
        + `There are ${this.keys[0]} to ${this.keys.at(-1)}.`);
    }
    this.listen();
    this.build();
    const left = asked ? this.continueAt(this.chosen) : recall();
    if (left && this.keys.includes(left)) this.open(left);
    else this.draw();
  }

  listen() {
    const on = (name, act) => this.part(name).addEventListener('click', act);
    on('open', () => (this.key ? this.close() : this.open(this.continueAt(this.inTab()))));
    on('close', () => {
      this.close();
      this.part('open').focus();
    });
    on('all', () => this.list(this.part('list').hidden));
    on('forget', () => {
      this.progress.forget();
      this.tell('Forgotten.');
      this.draw();
    });
    on('copy-answers', () => this.copy(this.progress.text(this.steps),
      'Your answers are copied.', 'There are no answers yet.'));
    on('short', () => {
      this.chosen = readChoice('core', this.steps).keys;
      this.open(this.continueAt(this.chosen));
    });
    on('copy-link', () => this.copyLink());
    document.addEventListener('click', ({ target }) => {
      const name = target.closest?.('[role=tab][data-tab-id]')?.dataset.tabId;
      if (name in TABS) setTimeout(() => this.turned(name));
    });
  }

  // All steps of a tab under its name, each with a mark of what was said to it.
  build() {
    this.part('groups').replaceChildren(...Object.entries(TABS).map(([tab, name]) => {
      const mine = this.steps.filter((step) => step.tab === tab);
      return node('section', {}, node('h3', {}, name),
        node('p', { class: 'goal' }, this.goals[tab]),
        node('ol', {}, ...mine.map((step) => this.entry(step))));
    }));
  }

  entry({ key, title, core }) {
    const box = node('input', { type: 'checkbox', value: key,
      'aria-label': `${key} for the link` });
    const button = node('button', { type: 'button', 'data-key': key }, node('b', {}, key),
      ` ${title}${core ? ' ★' : ''}`);
    button.addEventListener('click', () => this.open(key));
    return node('li', {}, box, button);
  }

  tab() {
    return document.querySelector('[role=tab][data-tab-id][aria-selected=true]')?.dataset.tabId
      ?? 'playground';
  }

  // Those chosen that belong to the tab on show, or all chosen.
  inTab() {
    const here = this.chosen.filter((key) => this.find(key).tab === this.tab());
    return here.length ? here : this.chosen;
  }

  find(key) {
    return this.steps.find((step) => step.key === key);
  }

  continueAt(keys) {
    return keys.find((key) => !this.progress.done(key)) ?? keys[0];
  }

  open(key) {
    this.key = key;
    remember(key);
    const { tab } = this.find(key);
    if (this.tab() !== tab) document.querySelector(`[role=tab][data-tab-id="${tab}"]`)?.click();
    this.list(false);
    this.number += 1;
    this.trigger('look', { key, n: this.number });
    this.draw();
  }

  close() {
    this.key = this.asked = null;
    remember('');
    this.place.uncover();
    this.draw();
  }

  // Another tab was opened by hand: its steps are on.
  turned(tab) {
    if (this.key && this.find(this.key).tab !== tab) {
      const here = this.inTab();
      if (this.find(here[0]).tab === tab) this.open(this.continueAt(here));
      else this.close();
    } else this.draw();
  }

  next() {
    const at = this.chosen.indexOf(this.key);
    const following = this.chosen[at + 1];
    if (following) this.open(following);
    else {
      this.close();
      this.list(true);
    }
    this.part('title').focus({ preventScroll: true });
  }

  async commit(option, words) {
    if (this.asked?.key !== this.key) return; // the next question is on its way
    this.number += 1;
    this.words = words;
    const about = { key: this.key, option, n: this.number };
    const own = this.asked.on_own ? await ownRun() : null;
    if (about.n !== this.number || about.key !== this.key) return; // it was left meanwhile
    if (this.asked.config && !own) {
      window.dispatchEvent(new CustomEvent('playground-config',
        { detail: { config: this.asked.config, play: true } }));
    }
    this.trigger('commit', { ...about, own });
  }

  hear({ value, told }) {
    if (value && value !== this.heard.value) {
      this.heard.value = value;
      this.question(JSON.parse(value));
    }
    if (told && told !== this.heard.told) {
      this.heard.told = told;
      this.answer(JSON.parse(told));
    }
  }

  question(step) {
    if (step.n !== this.number || !this.key) return; // of one that was left
    if (step.error || this.failed) write(this.part('problem'), step.error ?? '');
    this.failed = Boolean(step.error);
    if (this.failed) return;
    this.asked = step;
    this.card.show(step);
    if (step.tab === 'capstone') this.place.cover(step.place);
    else this.place.uncover();
    this.draw();
  }

  answer(told) {
    if (!this.key || told.n !== this.number) return;
    if (told.error) {
      this.card.refuse(told.error);
      return;
    }
    this.place.uncover();
    this.card.reveal(told);
    if (told.verdict !== 'shown') {
      this.progress.note(this.key, { verdict: told.verdict, words: this.words, told: told.told });
    }
    this.draw();
  }

  list(whether) {
    this.part('list').hidden = !whether;
    this.part('all').setAttribute('aria-expanded', String(whether));
  }

  async copy(text, done, nothing) {
    if (!text) {
      this.tell(nothing);
      return;
    }
    try {
      await navigator.clipboard.writeText(text);
      this.tell(done);
    } catch {
      this.tell(text);
    }
  }

  copyLink() {
    const ticked = [...this.part('groups').querySelectorAll('input:checked')]
      .map(({ value }) => value);
    const link = this.part('link');
    link.hidden = !ticked.length;
    link.value = ticked.length ? linkTo(ticked, this.keys, this.part('alone').checked) : '';
    this.copy(link.value, 'The link is copied.', 'Tick the steps first.');
  }

  tell(text) {
    write(this.part('done'), text);
  }

  draw() {
    const { part, key, progress } = this;
    const mine = key ? this.chosen : this.inTab();
    const done = mine.filter((one) => progress.done(one)).length;
    const begun = done === 0 ? 'Begin' : done < mine.length ? 'Continue' : 'Look again';
    write(part('line'), key ? 'Lesson'
      : `Lesson: ${done} of ${mine.length} done. ${begun}`);
    part('open').setAttribute('aria-expanded', String(Boolean(key)));
    part('card').hidden = !this.asked || !key;
    if (key) {
      const at = this.chosen.indexOf(key);
      write(part('of'), at < 0 ? '' : `${at + 1} of ${this.chosen.length}`);
      write(part('next'), at < 0 || at + 1 < this.chosen.length ? 'Next step' : 'All steps');
    }
    for (const button of part('groups').querySelectorAll('button')) {
      button.dataset.said = progress.said[button.dataset.key]?.verdict ?? '';
      button.setAttribute('aria-current', String(button.dataset.key === key));
    }
  }
}

// The settings of the run that the playground shows, if one was trained.
async function ownRun() {
  const detail = {};
  window.dispatchEvent(new CustomEvent('playground-present', { detail }));
  const { config, ran } = await detail.present ?? {};
  return ran ? config : null;
}

function remember(key) {
  try {
    sessionStorage.setItem(NOW, key);
  } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try {
    return sessionStorage.getItem(NOW);
  } catch {
    return null;
  }
}
