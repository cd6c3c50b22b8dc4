// Words that are explained where they stand: by pointing at them, by touch or by focus; Escape
// closes.
import { node } from './dom.js';

// A word with a dotted line below it. prefix: of the ids of `listed`.
export function explained(key, text, prefix) {
  return node('dfn', { class: 'term', tabindex: '0', 'data-term': key,
    'aria-describedby': `${prefix}-${key}` }, text);
}

// The explanations of all words, for a screen reader.
export function listed(words, prefix) {
  return Object.entries(words).flatMap(([key, text]) =>
    [node('dt', {}, key), node('dd', { id: `${prefix}-${key}` }, text)]);
}

// words(): {term: explanation} of what stands in `root`; box: where one is shown.
export function explainIn(root, box, words) {
  const hide = () => { box.hidden = true; };
  const show = ({ type, target }) => {
    const place = target.closest?.('[data-term], [data-tip]');
    const text = place && (place.dataset.tip ?? words()[place.dataset.term]);
    // A button that was pressed is not asked about.
    const pressed = type === 'focusin' && place?.matches('button:not(:focus-visible)');
    if (!text || pressed) return;
    box.textContent = text;
    box.hidden = false;
    const { left, top, bottom } = place.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.offsetWidth - 8;
    const below = bottom + 8 + box.offsetHeight <= window.innerHeight;
    box.style.left = `${Math.max(8, Math.min(room, left))}px`;
    box.style.top = `${below ? bottom + 8 : top - box.offsetHeight - 8}px`;
  };
  for (const event of ['mouseover', 'focusin']) root.addEventListener(event, show);
  for (const event of ['mouseout', 'focusout']) root.addEventListener(event, hide);
  window.addEventListener('scroll', hide, { passive: true, capture: true });
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
}
