// Words of the glossary in a text, each marked where it is first used on the card.
import { node } from '../page/dom.js';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Words {
  constructor(terms) {
    this.terms = terms;
    this.left = new Set(Object.keys(terms));
  }

  // Nodes of the text. A term may be used with an s at its end.
  mark(text) {
    if (!this.left.size) return [text];
    const longest = [...this.left].toSorted((a, b) => b.length - a.length).map(escaped);
    const parts = text.split(new RegExp(`\\b((?:${longest.join('|')})(?:s|es)?)\\b`, 'i'));
    if (parts.length < 3) return [text];
    const [before, found, ...rest] = parts;
    const term = [...this.left].find((one) => found.toLowerCase().startsWith(one.toLowerCase())
      && found.length - one.length <= 2);
    this.left.delete(term);
    const word = node('dfn', { tabindex: '0', 'data-term': term }, found);
    word.append(node('span', { class: 'unseen' }, ` (${this.terms[term]})`));
    return [before, word, ...this.mark(rest.join(''))];
  }
}
