// The tab that is open, in the address: each press of a tab is a step of the browser's Back.
import { tellOuter } from './hub_frame.js';

const USUAL = 'playground';

function openTab() {
  return new URLSearchParams(window.location.search).get('tab') ?? USUAL;
}

function press(name) {
  const tab = document.querySelector(`[role=tab][data-tab-id="${CSS.escape(name)}"]`);
  if (tab?.getAttribute('aria-selected') === 'false') tab.click();
}

// back(): the settings of the address are to be shown again.
export function followTabs(back) {
  let following = false;
  let { search } = window.location;
  const follow = () => {
    following = true;
    press(openTab());
    following = false;
  };
  document.addEventListener('click', ({ target }) => {
    const name = target.closest?.('[role=tab][data-tab-id]')?.dataset.tabId;
    if (following || !['playground', 'heart', 'capstone'].includes(name)) return;
    if (name === openTab()) return;
    const url = new URL(window.location);
    if (name === USUAL) url.searchParams.delete('tab');
    else url.searchParams.set('tab', name);
    window.history.pushState(null, '', url);
    search = window.location.search;
    tellOuter();
  }, true);
  window.addEventListener('popstate', () => {
    tellOuter();
    // Another patient's link changes what comes after the # alone, which is no step back either.
    if (window.location.search === search && window.location.hash) return;
    search = window.location.search;
    follow();
    back();
  });
  if (openTab() !== USUAL) follow();
}
