// Makes elements of SVG.
const SVG = 'http://www.w3.org/2000/svg';

export function setAll(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function newSvg(attributes = {}) {
  return setAll(document.createElementNS(SVG, 'svg'), attributes);
}

export function mark(parent, tag, attributes, content) {
  const made = setAll(document.createElementNS(SVG, tag), attributes);
  if (content !== undefined) made.textContent = content;
  parent.append(made);
  return made;
}
