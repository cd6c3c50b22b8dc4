// Words that are explained where they stand: on the pointer, on focus; Escape closes.
import { node } from '../../page/dom.js';
import { GLOSSARY } from './words.js';

export function term(key, word) {
  return node('dfn', { class: 'term', tabindex: '0', 'data-explains': key,
    'aria-describedby': `worlds-term-${key}` }, word);
}

export function explain(root, part) {
  part('glossary').append(...Object.entries(GLOSSARY).flatMap(([key, text]) =>
    [node('dt', {}, key), node('dd', { id: `worlds-term-${key}` }, text)]));
  for (const place of root.querySelectorAll('[data-term]')) {
    place.replaceChildren(term(place.dataset.term, place.textContent));
  }
  const gloss = part('gloss');
  const hide = () => { gloss.hidden = true; };
  const show = ({ target }) => {
    const word = target.closest?.('[data-explains], [data-tip]');
    if (!word) return;
    gloss.textContent = word.dataset.tip ?? GLOSSARY[word.dataset.explains];
    gloss.hidden = false;
    const { left, top, bottom } = word.getBoundingClientRect();
    const below = bottom + 8 + gloss.offsetHeight <= window.innerHeight;
    gloss.style.left = `${Math.max(8, Math.min(document.documentElement.clientWidth
      - gloss.offsetWidth - 8, left))}px`;
    gloss.style.top = `${below ? bottom + 8 : top - gloss.offsetHeight - 8}px`;
  };
  for (const event of ['pointerover', 'focusin']) root.addEventListener(event, show);
  for (const event of ['pointerout', 'focusout']) root.addEventListener(event, hide);
  window.addEventListener('scroll', hide, { passive: true, capture: true });
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
}
