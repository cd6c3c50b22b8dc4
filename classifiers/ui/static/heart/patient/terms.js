// Words that explain themselves where they stand, to a mouse, a finger and a keyboard. The style
// sheet shows an explanation; Escape hides it until another word is pointed at.
export function closeWithEscape(root) {
  root.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') root.dataset.terms = 'closed';
  });
  for (const come of ['focusin', 'pointerover']) {
    root.addEventListener(come, ({ target }) => {
      if (target.closest('dfn')) delete root.dataset.terms;
    });
  }
}
