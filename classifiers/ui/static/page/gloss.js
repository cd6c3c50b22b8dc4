// Words that are explained where they stand: by pointing at them, by focus or by touch; Escape
// closes. tell(place): the explanation of a place, if it has one; box: where it is shown.
export function explainIn(root, box, tell) {
  const hide = () => { box.hidden = true; };
  const show = ({ target }) => {
    const place = target.closest?.('[data-term], [data-tip]');
    const text = place && tell(place);
    if (!text) return;
    box.textContent = text;
    box.hidden = false;
    const { left, top, bottom } = place.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.offsetWidth - 8;
    const below = bottom + 8 + box.offsetHeight <= window.innerHeight;
    box.style.left = `${Math.max(8, Math.min(room, left))}px`;
    box.style.top = `${below ? bottom + 8 : top - box.offsetHeight - 8}px`;
  };
  for (const event of ['pointerover', 'focusin']) root.addEventListener(event, show);
  for (const event of ['pointerout', 'focusout']) root.addEventListener(event, hide);
  window.addEventListener('scroll', hide, { passive: true, capture: true });
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
}
