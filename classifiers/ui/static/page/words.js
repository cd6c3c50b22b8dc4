// Finds the words of the glossary in what a page says, and marks each where it is first read.
import { EVERYDAY, GLOSSARY } from './glossary.js';
import { explainMarked, explained } from './gloss.js';

const PAUSE = 200; // milliseconds that a page may go on changing before it is looked through again
const SHOWS = ['hidden', 'open', 'data-state', 'data-empty', 'data-kind']; // what hides or shows
// What is pressed, drawn, typed or explained already.
const APART = 'button, a, summary, select, option, input, textarea, svg, pre, code, dfn, '
  + 'label:has(input), .unseen, [role="button"]';

const LETTERS = /[a-z±[]/i;

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Terms that are signs, not words: what they look like in a text.
const SIGNS = {
  '±': '±',
  'percentage points': '(?:percentage points?|[−+-]\\d[\\d.]*\\spoints|\\d+\\.\\d\\spoints)',
  '[a, b]': '\\[[−+-]?\\d[^[\\]]*, [−+-]?\\d[^[\\]]*\\]',
};

// Of a term as it is used: a word may have an s at its end, a space may be a hyphen.
const spelled = (term) => escaped(term).replaceAll(' ', '[\\s-]').replaceAll('’', "['’]");
const pattern = (term) => SIGNS[term] ?? `(?<![\\w-])${spelled(term)}(?:s|es)?(?!\\w)`;

export class Words {
  // terms: of the tab's glossary, each to be marked once.
  constructor(tab, terms) {
    this.tab = tab;
    // The longest first: of "log loss" the loss is no word of its own.
    this.left = terms.toSorted((a, b) => b.length - a.length);
    this.look();
  }

  look() {
    this.any = new RegExp(`(${this.left.map(pattern).join('|')})`, 'i');
  }

  // Nodes of the text.
  mark(text) {
    if (!this.left.length) return [text];
    const [before, found, ...rest] = text.split(this.any);
    if (found === undefined) return [text];
    const term = this.left.find((one) => new RegExp(`^(?:${pattern(one)})$`, 'i').test(found));
    this.left = this.left.filter((one) => one !== term);
    const after = rest.join('');
    this.look();
    return [before, explained(this.tab, term, found), ...this.mark(after)];
  }
}

// Explains the words of a tab in `root`, now and whenever what it says has changed.
export function watchWords(root, tab) {
  let waits = 0;
  const places = new Set();
  const later = (place) => {
    places.add(place);
    waits ||= setTimeout(mark, PAUSE);
  };
  const everywhere = () => later(root);
  // A chart that is drawn anew, or a number that counts on, says no other words.
  const changes = new MutationObserver((all) => {
    for (const change of all) {
      if (!speaks(change)) continue;
      // A word may no longer be seen where it was explained: it is, then, wherever it is left.
      later(change.type === 'attributes' || loses(change) ? root : placeOf(change));
    }
  });
  const mark = () => {
    waits = 0;
    markWords(root, tab, places.has(root) ? [root] : places);
    places.clear();
    changes.takeRecords(); // its own
  };
  changes.observe(root, { childList: true, characterData: true, subtree: true,
    attributeFilter: SHOWS, attributeOldValue: true });
  root.addEventListener('toggle', everywhere, true);
  new ResizeObserver(everywhere).observe(root); // it is shown at last
}

const placeOf = ({ target }) => (target instanceof Element ? target : target.parentElement);

function speaks(change) {
  const { type, target, attributeName, oldValue } = change;
  if (type === 'attributes' && target.getAttribute(attributeName) === oldValue) return false;
  const place = placeOf(change);
  return place !== null && !place.closest(APART)
    && (LETTERS.test(place.textContent) || loses(change));
}

const loses = ({ removedNodes }) => [...removedNodes].some((node) => node instanceof Element
  && (node.matches('dfn') || node.querySelector('dfn')));

// In some places of `root`, or all of it.
function markWords(root, tab, places) {
  explainMarked(root, tab);
  if (!root.checkVisibility()) return;
  const seen = (key) => [...root.querySelectorAll(`dfn[data-term="${CSS.escape(key)}"]`)]
    .some((word) => word.checkVisibility());
  const wanted = Object.keys(GLOSSARY[tab]).filter((key) => !EVERYDAY.includes(key) && !seen(key));
  const words = new Words(tab, wanted);
  for (const text of [...places].flatMap(textsOf)) {
    if (!text.isConnected || !text.parentElement.checkVisibility()) continue;
    const parts = words.mark(text.data);
    if (parts.length > 1) text.replaceWith(...parts.filter((part) => part !== ''));
  }
}

function textsOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (text) =>
    (LETTERS.test(text.data) && !text.parentElement.closest(APART) ? NodeFilter.FILTER_ACCEPT
      : NodeFilter.FILTER_REJECT));
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  return texts;
}
