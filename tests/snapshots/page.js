// Every element in sight as a line: texts and what is told to screen readers stand in quotes, places
// and sizes without. Marks that look the same and follow each other are one line: their number, and
// the first, the last and the mean of their places.
(selectors) => {
  const lines = [];
  const quoted = (text) => JSON.stringify(text.replace(/[ \t\n]+/g, ' ').trim());
  const placed = (value) => value.replace(/(?<![#\w.])-?\d*\.?\d+(e-?\d+)?/g,
    (n) => Number(n).toFixed(1));
  const DROPPED = new RegExp('^(id|for|name|class|d|points|transform|style|data-testid|tabindex'
    + '|type|clip-path|data-words|data-draw-ms)$');
  const own = (e) => [...e.childNodes].filter((n) => n.nodeType === 3 || n.localName === 'dfn')
    .map((n) => n.textContent).join('').trim(); // words are marked as explained some time later
  const kind = (e) => [e.localName, ...[...e.classList].filter((c) => !/svelte/.test(c))].join('.');
  const told = (e) => [...e.attributes].filter(({ name }) => !DROPPED.test(name))
    .filter(({ value }) => !(e.ownerSVGElement && /^-?[\d.]+$/.test(value)))
    .map(({ name, value }) => ` ${name}=${quoted(value)}`).sort().join('');
  const sample = (numbers) => numbers.length <= 16 ? numbers.map((n) => n.toFixed(1)).join(',')
    : `${numbers.length}:${[...Array(12).keys()].map((i) =>
      numbers[Math.round(i * (numbers.length - 1) / 11)].toFixed(1)).join(',')}`;
  const numbers = (text) => (text.match(/-?\d*\.?\d+(e-?\d+)?/g) ?? []).map(Number);
  const places = (e) => [...e.attributes].filter(({ name, value }) => /^(d|points|transform)$/
    .test(name) || /^-?[\d.]+$/.test(value) && !/^(data|aria|tabindex)/.test(name));
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const hex = (colour) => `#${channels(colour).map((n, i) => Math.round(i === 3 ? 255 * n : n)
    .toString(16).padStart(2, '0')).join('')}`;
  const tenths = (colour) => colour.startsWith('rgb')
    ? channels(colour).map((n) => (n / 10).toFixed(1)).join('/') : colour;
  const looks = (e) => {
    const { fill, stroke, strokeDasharray, opacity } = getComputedStyle(e);
    return ` ${tenths(fill)}|${tenths(stroke)}`
      + (strokeDasharray === 'none' ? '' : `|${strokeDasharray}`)
      + (opacity === '1' ? '' : ` opacity ${Math.round(100 * opacity)} %`); // held to the last
  };
  const marks = (row) => {
    const all = row.map((e) => places(e).map(({ name, value }) => [name, numbers(value)]));
    const shown = (one) => one.map(([name, n]) => `${name}=${sample(n)}`).join(' ');
    if (row.length === 1) return ` ${shown(all[0])}`;
    const mean = {};
    for (const one of all) for (const [name, n] of one) {
      (mean[name] ??= []).push(n.reduce((a, b) => a + b, 0) / (n.length || 1));
    }
    const means = Object.entries(mean).map(([name, n]) =>
      `${name}=${(n.reduce((a, b) => a + b, 0) / n.length).toFixed(1)}`).join(' ');
    return ` x${row.length} first ${shown(all[0])} last ${shown(all.at(-1))} mean ${means}`;
  };
  const canvas = (e) => {
    const small = Object.assign(document.createElement('canvas'), { width: 6, height: 6 });
    const context = small.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 6, 6);
    if (e.width && e.height) context.drawImage(e, 0, 0, 6, 6);
    return [...context.getImageData(0, 0, 6, 6).data].filter((_, i) => i % 4 < 3)
      .map((n) => (n / 10).toFixed(1)).join(',');
  };
  const walk = (e) => {
    if (!e.checkVisibility({ visibilityProperty: true })) return;
    if (/^(script|style|option|title|desc)$/.test(e.localName)) return;
    const text = own(e);
    if (e.localName === 'canvas') lines.push(`${kind(e)}${told(e)} ${canvas(e)}`);
    else if (/^(input|select|textarea)$/.test(e.localName)) {
      const state = /^(radio|checkbox)$/.test(e.type) ? (e.checked ? ' checked' : ' unchecked')
        : ` = ${quoted(e.localName === 'select' ? e.selectedOptions[0]?.text ?? '' : e.value)}`;
      lines.push(`${kind(e)}${told(e)}${state}${e.disabled ? ' disabled' : ''}`);
    } else {
      const style = e.getAttribute('style');
      const leaf = ![...e.children].some((child) => child.localName !== 'dfn');
      const { backgroundColor, color } = getComputedStyle(e);
      const theirs = /svelte-/.test(e.className); // of Gradio's own
      if (!theirs && (text || told(e) || style || leaf)) lines.push(`${kind(e)}${told(e)}`
        + (style ? ` style ${placed(style)}` : '')
        + (leaf && !text ? ` on ${hex(backgroundColor)}` : '')
        + (text ? ` ${quoted(text)} ${hex(color)}` : ''));
    }
    if (e.localName === 'svg') drawing(e);
    else if (e.localName !== 'select') for (const child of e.children) {
      if (child.localName !== 'dfn') walk(child);
    }
  };
  const drawing = (root) => {
    let row = [];
    let before = null;
    const flush = () => {
      if (row.length) lines.push(`${before}${marks(row)}`);
      row = [];
      before = null;
    };
    const visit = (e) => {
      if (!e.checkVisibility({ visibilityProperty: true })) return;
      if (/^(title|desc|defs|style)$/.test(e.localName)) return;
      const text = own(e);
      const title = [...e.children].find((child) => child.localName === 'title')?.textContent;
      const now = `  ${kind(e)}${told(e)}${title ? ` title ${quoted(title)}` : ''}${looks(e)}`
        + (text ? ` ${quoted(text)}` : '');
      if (now !== before) flush();
      before = now;
      row.push(e);
      for (const child of e.children) visit(child);
    };
    for (const child of root.children) visit(child);
    flush();
  };
  for (const selector of selectors) document.querySelectorAll(selector).forEach(walk);
  return lines.join('\n').replaceAll(location.host, 'host')
    .replaceAll(new Date().toISOString().slice(0, 10), 'today');
}
