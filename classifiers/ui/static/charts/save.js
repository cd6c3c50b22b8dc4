// Whatever the page saves as a file, and drawings as such.
const KEPT_STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-opacity', 'stroke-width',
  'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'font-size', 'font-weight',
  'paint-order', 'display'];

// A copy that looks the same where the page's style sheets are not.
export function styledCopy(svg) {
  const copy = svg.cloneNode(true);
  const copies = copy.querySelectorAll('*');
  svg.querySelectorAll('*').forEach((drawn, i) => {
    const style = getComputedStyle(drawn);
    for (const key of KEPT_STYLES) copies[i].setAttribute(key, style.getPropertyValue(key));
  });
  return copy;
}

// kind: 'svg', or 'png' at twice the size that `svg` states.
export function saveSvg(svg, name, kind) {
  const text = new XMLSerializer().serializeToString(svg);
  if (kind === 'svg') {
    download(new Blob([text], { type: 'image/svg+xml' }), `${name}.svg`);
    return;
  }
  const image = new Image();
  image.addEventListener('load', () => {
    const canvas = document.createElement('canvas');
    canvas.width = 2 * svg.getAttribute('width');
    canvas.height = 2 * svg.getAttribute('height');
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(blob, `${name}.png`), 'image/png');
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}

export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}
