// Words that are explained where they stand: by pointing at them, or by focus.
import { GLOSSARY } from './words.js';

export function explainWords(root, box) {
  const show = (target) => {
    box.textContent = target.dataset.term ? GLOSSARY[target.dataset.term] : target.dataset.tip;
    box.hidden = false;
    const place = target.getBoundingClientRect();
    const left = Math.min(window.innerWidth - box.offsetWidth - 8, place.left);
    box.style.left = `${Math.max(8, left)}px`;
    const below = place.bottom + 8;
    box.style.top = `${below + box.offsetHeight > window.innerHeight
      ? place.top - box.offsetHeight - 8 : below}px`;
  };
  const hear = (event) => {
    const target = event.target.closest?.('[data-term], [data-tip]');
    if (!target || (event.type === 'focusin' && !target.matches(':focus-visible'))) return;
    show(target);
  };
  const hide = () => { box.hidden = true; };
  for (const name of ['mouseover', 'focusin']) root.addEventListener(name, hear);
  for (const name of ['mouseout', 'focusout']) root.addEventListener(name, hide);
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
}
