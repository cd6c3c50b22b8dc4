// Words of the glossary in a text, each marked where it is first used on the card.
import { node } from '../page/dom.js';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Terms that are signs, not words: what they look like in a text.
const SIGNS = { '±': '±', '[a, b]': '\\[[−+-]?\\d[^[\\]]*, [−+-]?\\d[^[\\]]*\\]' };

// Of a term as it is used: a word may have an s at its end.
const pattern = (term) => SIGNS[term] ?? `\\b${escaped(term)}(?:s|es)?\\b`;

export class Words {
  constructor(terms) {
    this.terms = terms;
    this.left = new Set(Object.keys(terms));
  }

  // Nodes of the text.
  mark(text) {
    if (!this.left.size) return [text];
    const longest = [...this.left].toSorted((a, b) => b.length - a.length);
    const parts = text.split(new RegExp(`(${longest.map(pattern).join('|')})`, 'i'));
    if (parts.length < 3) return [text];
    const [before, found, ...rest] = parts;
    const term = longest.find((one) => new RegExp(`^(?:${pattern(one)})$`, 'i').test(found));
    this.left.delete(term);
    const word = node('dfn', { tabindex: '0', 'data-term': term }, found);
    word.append(node('span', { class: 'unseen' }, ` (${this.terms[term]})`));
    return [before, word, ...this.mark(rest.join(''))];
  }
}
