// The app as a frame in a page of the Hub: the address that people see there is the outer one.
const HUB = 'https://huggingface.co';

// What of an address is the app's, not the Hub's (as the token of a private Space) or Gradio's.
export function ownQuery(search) {
  return search.replace(/^\?/, '').split('&').filter((pair) => pair && !pair.startsWith('__'))
    .join('&');
}

// Lets the outer address follow, if there is one. Nobody but the Hub hears of it.
export function tellOuter() {
  if (window.parent === window) return;
  const { search, hash } = window.location;
  window.parent.postMessage({ queryString: ownQuery(search), hash }, HUB);
}

// Where others open the same: the Space's page at the Hub if this is a frame of it, as the app's
// own address would leave it, and a private Space opens nowhere else. Anywhere else, here.
export function placeToShare(space) {
  const { origin, pathname } = window.location;
  const above = window.location.ancestorOrigins?.[0] ?? document.referrer.replace(/\/$/, '');
  const inHub = window.parent !== window && above === HUB;
  return inHub && space ? `${HUB}/spaces/${space}` : `${origin}${pathname}`;
}
