// The charts of a section as one figure, side by side, with captions, legends and today's colours.
const KEPT_STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-size'];
const DASHES = { dashed: '5 4', dotted: '2 3' };

function saveCharts(root, name, kind) {
  const gap = 24;
  const { color, fontFamily } = getComputedStyle(root);
  const svg = document.createElementNS(SVG, 'svg');
  const paper = getComputedStyle(root).getPropertyValue('--body-background-fill').trim();
  mark(svg, 'rect', { width: '100%', height: '100%', fill: paper || 'white' });
  let [width, height] = [gap, 0];
  for (const figure of root.querySelectorAll('figure')) {
    const caption = mark(svg, 'text', { x: width, y: 24, fill: color, 'font-size': 13,
      'font-weight': 600 }, figure.querySelector('figcaption').textContent);
    const entries = figure.querySelectorAll('.legend span');
    const head = entries.length ? 56 : 36;
    let x = width;
    for (const entry of entries) {
      const key = getComputedStyle(entry.querySelector('.key'));
      mark(svg, 'line', { x1: x, x2: x + 18, y1: 40, y2: 40, stroke: key.borderTopColor,
        'stroke-width': 2, 'stroke-dasharray': DASHES[key.borderTopStyle] || 'none' });
      mark(svg, 'text', { x: x + 23, y: 44, fill: color, 'font-size': 12 }, entry.textContent);
      x += entry.offsetWidth + 14;
    }
    const chart = figure.querySelector('svg');
    const box = chart.viewBox.baseVal;
    const copy = chart.cloneNode(true);
    const copies = copy.querySelectorAll('*');
    chart.querySelectorAll('*').forEach((drawn, i) => {
      const style = getComputedStyle(drawn);
      for (const key of KEPT_STYLES) copies[i].setAttribute(key, style.getPropertyValue(key));
    });
    const place = { x: width, y: head, width: box.width, height: box.height };
    for (const [key, value] of Object.entries(place)) copy.setAttribute(key, value);
    svg.append(copy);
    width += gap + Math.max(box.width, 7.5 * caption.textContent.length, x - width);
    height = Math.max(height, head + box.height + 10);
  }
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  for (const [key, value] of Object.entries({ ...size, viewBox: `0 0 ${size.width} ${size.height}`,
    'font-family': fontFamily })) svg.setAttribute(key, value);
  saveSvg(svg, name, kind);
}

function offerToSave(root, name) {
  root.querySelectorAll('[data-save]').forEach((button) =>
    button.addEventListener('click', () => saveCharts(root, name, button.dataset.save)));
}
