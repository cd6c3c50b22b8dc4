// Words that are explained where they stand: on the pointer, on focus; Escape closes.
import { node } from '../../page/dom.js';

// A word with a dotted line below it; key: its explanation among the words that Python sent.
export function explained(key, text) {
  return node('dfn', { tabindex: '0', 'data-word': key, 'aria-describedby': `sweeps-word-${key}` },
    text);
}

// list: where the explanations stand for a screen reader; tip: where they are shown.
export function explain(root, list, tip, words) {
  list.append(...Object.entries(words).flatMap(([key, text]) =>
    [node('dt', {}, key), node('dd', { id: `sweeps-word-${key}` }, text)]));
  const hide = () => { tip.hidden = true; };
  const show = ({ target }) => {
    const word = target.closest?.('[data-word]');
    if (!word) return;
    tip.textContent = words[word.dataset.word];
    tip.hidden = false;
    const { left, top, bottom } = word.getBoundingClientRect();
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const below = bottom + 8 + tip.offsetHeight <= window.innerHeight;
    tip.style.left = `${Math.max(8, Math.min(room, left))}px`;
    tip.style.top = `${below ? bottom + 8 : top - tip.offsetHeight - 8}px`;
  };
  for (const event of ['pointerover', 'focusin']) root.addEventListener(event, show);
  for (const event of ['pointerout', 'focusout']) root.addEventListener(event, hide);
  window.addEventListener('scroll', hide, { passive: true, capture: true });
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
}
