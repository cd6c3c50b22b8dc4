// A script: fetched when it is opened for the first time, then kept.
import { partsOf, write } from '../dom.js';

export function start({ element, props, trigger }) {
  const part = partsOf(element);
  const [box, code, copy] = [part('box'), part('code'), part('copy')];
  part('open').addEventListener('click', ({ currentTarget }) => {
    box.hidden = !box.hidden;
    currentTarget.setAttribute('aria-expanded', String(!box.hidden));
    write(currentTarget, box.hidden ? 'Show the code' : 'Hide the code');
    if (box.hidden || code.textContent) return;
    write(part('said'), 'Fetching…');
    trigger('fetch', {});
  });
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      write(part('said'), 'Copied.');
    } catch { // a page in a frame may not be allowed to
      window.getSelection().selectAllChildren(code);
      write(part('said'), 'Selected: copy it with your keyboard.');
    }
  });
  return () => {
    if (!props.value) return;
    write(code, props.value);
    write(part('said'), '');
    copy.disabled = false;
  };
}
