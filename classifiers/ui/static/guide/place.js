// Where on the page a step's numbers stand, as "#explorer" or "Threshold #explorer": the name of an
// inner tab, and an element in it.
const PLACE = /^(?:(\w+) )?(#[\w-]+.*)$/;
const WAIT = 4000; // milliseconds that an inner tab may take to draw

export class Place {
  go(where) {
    const [, tab, selector] = PLACE.exec(where) ?? [];
    if (!selector) return;
    if (tab) {
      [...document.querySelectorAll('[role=tab]')].find((one) => one.textContent.trim() === tab)
        ?.click();
    }
    const until = performance.now() + WAIT;
    const look = () => {
      const found = document.querySelector(selector);
      if (found?.offsetParent) {
        found.scrollIntoView({ block: 'start', behavior: 'smooth' });
        found.classList.add('guide-here');
        setTimeout(() => found.classList.remove('guide-here'), 2500);
      } else if (performance.now() < until) requestAnimationFrame(look);
    };
    look();
  }

  // The answer stands there: it is not to be seen before one is given.
  cover(where) {
    this.uncover();
    const [, , selector] = PLACE.exec(where ?? '') ?? [];
    if (!selector) return;
    this.covered = document.querySelector(selector);
    if (this.covered) this.covered.inert = true;
    this.sheet = document.createElement('style');
    this.sheet.textContent = `${selector} { filter: blur(9px); }`;
    document.head.append(this.sheet);
  }

  uncover() {
    if (this.covered) this.covered.inert = false;
    this.sheet?.remove();
    this.sheet = null;
  }
}
