// Makes elements of HTML, and finds and fills the parts of one. A text given to them stays a text.
export function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The functions that find parts by their name inside one element.
export function partsOf(root) {
  return (name) => root.querySelector(`[data-part="${name}"]`);
}

// A text that is there already is left alone: to write it again would lay the page out anew.
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// Puts what is wrong with a value in place of a panel's content, if anything is.
export function tellProblem(root, { error }) {
  if (error) root.replaceChildren(node('p', { class: 'problem' }, error));
  return Boolean(error);
}

const sizes = new WeakMap();
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) sizes.set(target, [target.clientWidth, target.clientHeight]);
});

// Width and height. They are asked once, then followed: to ask after something was changed makes
// the browser lay out the page there and then. What is not on the page yet is asked again.
export function sizeOf(element) {
  if (!sizes.get(element)?.[0]) {
    watcher.observe(element);
    sizes.set(element, [element.clientWidth, element.clientHeight]);
  }
  return sizes.get(element);
}
