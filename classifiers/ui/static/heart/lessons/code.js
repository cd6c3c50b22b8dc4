// The recipe as a script: asked of the server when it is first opened, then kept.
import { partsOf, write } from '../../page/dom.js';

export function start({ element, props, trigger }) {
  const part = partsOf(element);
  const show = () => { if (props.value) write(part('code'), props.value); };
  part('open').addEventListener('click', () => {
    const box = part('box');
    box.hidden = !box.hidden;
    part('open').setAttribute('aria-expanded', !box.hidden);
    write(part('open'), box.hidden ? 'Show the code' : 'Hide the code');
    if (!box.hidden && !props.value) trigger('fetch_code');
  });
  part('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(props.value);
      write(part('done'), 'Copied.');
    } catch { // a page that may not write there: marked, for the keyboard
      getSelection().selectAllChildren(part('code'));
      write(part('done'), 'Selected: copy it with the keyboard.');
    }
  });
  show();
  return show;
}
