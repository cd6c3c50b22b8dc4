// Words that are explained where they stand: by pointing at them, by touch or by focus; Escape
// closes. What they mean comes from the one glossary, which Python serves as a module.
import { node } from './dom.js';
import { GLOSSARY } from './glossary.js';

const EXPLAINED = '[data-term], [data-tip], dfn[aria-describedby]';
let box = null; // where the one explanation is shown
let kept = null; // the explanations of words, for a screen reader

// The id of a word's explanation, which is put into the page when it is first asked for.
function describe(tab, key) {
  const id = `word-${tab}-${key.replaceAll(/\W+/g, '-')}`;
  if (!document.getElementById(id)) {
    if (!kept?.isConnected) document.body.append(kept = node('div', { hidden: '' }));
    kept.append(node('p', { id }, GLOSSARY[tab][key]));
  }
  return id;
}

// A word with a dotted line below it. key: of the tab's glossary.
export function explained(tab, key, text = key) {
  return node('dfn', { tabindex: '0', 'data-term': key, 'aria-describedby': describe(tab, key) },
    text);
}

// The same as a button, where what stands beside it is pressed too.
export function termButton(tab, key, text = key) {
  return node('button', { type: 'button', class: 'term', 'data-term': key,
    'aria-describedby': describe(tab, key) }, text);
}

// The words that are marked in `root` by data-term alone.
export function explainMarked(root, tab) {
  root.dataset.words = tab;
  for (const place of root.querySelectorAll('[data-term]:not([aria-describedby])')) {
    place.setAttribute('aria-describedby', describe(tab, place.dataset.term));
    if (!place.matches('button')) place.tabIndex = 0;
  }
}

function meaning(place) {
  const tab = place.closest('[data-words]')?.dataset.words;
  const id = place.getAttribute('aria-describedby');
  return place.dataset.tip ?? GLOSSARY[tab]?.[place.dataset.term]
    ?? document.getElementById(id)?.textContent;
}

function show({ type, target }) {
  const place = target.closest?.(EXPLAINED);
  // A button that was pressed is not asked about.
  const pressed = type === 'focusin' && place?.matches('button:not(:focus-visible)');
  const text = place && !pressed && meaning(place);
  if (!text) return;
  if (!box?.isConnected) document.body.append(box = node('div', { id: 'gloss', role: 'tooltip' }));
  box.textContent = text;
  box.hidden = false;
  const { left, top, bottom } = place.getBoundingClientRect();
  const room = document.documentElement.clientWidth - box.offsetWidth - 8;
  const below = bottom + 8 + box.offsetHeight <= window.innerHeight;
  box.style.left = `${Math.max(8, Math.min(room, left))}px`;
  box.style.top = `${below ? bottom + 8 : Math.max(8, top - box.offsetHeight - 8)}px`;
}

const hide = () => { if (box) box.hidden = true; };

for (const event of ['mouseover', 'focusin']) document.addEventListener(event, show);
for (const event of ['mouseout', 'focusout']) document.addEventListener(event, hide);
window.addEventListener('scroll', hide, { passive: true, capture: true });
document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });
