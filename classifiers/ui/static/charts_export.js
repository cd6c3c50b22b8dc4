// The charts of a section as one figure, placed as on the page, with captions, legends and today's
// colours.
const KEPT_STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-size'];
const DASHES = { dashed: '5 4', dotted: '2 3' };

function wrapped(words, most) {
  const lines = [''];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > most) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function saveCharts(root, name, kind) {
  const gap = 24;
  const { color, fontFamily } = getComputedStyle(root);
  const svg = document.createElementNS(SVG, 'svg');
  const paper = getComputedStyle(root).getPropertyValue('--body-background-fill').trim();
  mark(svg, 'rect', { width: '100%', height: '100%', fill: paper || 'white' });
  let [width, height, left, top, row] = [0, 0, gap, 0, null];
  for (const figure of root.querySelectorAll('figure')) {
    if (row !== null && figure.offsetTop !== row) [left, top] = [gap, height];
    row = figure.offsetTop;
    const chart = figure.querySelector('svg');
    const box = chart.viewBox.baseVal;
    let head = 8;
    for (const line of wrapped(figure.querySelector('figcaption').textContent, box.width / 7.5)) {
      head += 17;
      mark(svg, 'text', { x: left, y: top + head, fill: color, 'font-size': 13,
        'font-weight': 600 }, line);
    }
    const entries = figure.querySelectorAll('.legend span');
    head += entries.length ? 20 : 0;
    let x = left;
    for (const entry of entries) {
      const key = getComputedStyle(entry.querySelector('.key'));
      const y = top + head;
      mark(svg, 'line', { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, stroke: key.borderTopColor,
        'stroke-width': 2, 'stroke-dasharray': DASHES[key.borderTopStyle] || 'none' });
      mark(svg, 'text', { x: x + 23, y, fill: color, 'font-size': 12 }, entry.textContent);
      x += entry.offsetWidth + 14;
    }
    head += 12;
    const copy = chart.cloneNode(true);
    const copies = copy.querySelectorAll('*');
    chart.querySelectorAll('*').forEach((drawn, i) => {
      const style = getComputedStyle(drawn);
      for (const key of KEPT_STYLES) copies[i].setAttribute(key, style.getPropertyValue(key));
    });
    const place = { x: left, y: top + head, width: box.width, height: box.height,
      overflow: 'visible' };
    for (const [key, value] of Object.entries(place)) copy.setAttribute(key, value);
    svg.append(copy);
    left += gap + Math.max(box.width, x - left);
    width = Math.max(width, left);
    height = Math.max(height, top + head + box.height + 10);
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
