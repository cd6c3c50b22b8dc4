// The figure as a file: pictures, legends and curves of all stages in one SVG, or that as PNG.
function saveFigure(player, kind) {
  const svg = document.createElementNS(SVG, 'svg');
  const style = getComputedStyle(player.stages[0].canvas);
  const paper = style.getPropertyValue('--film-paper').trim() || 'white';
  const [size, gap] = [420, 24];
  const width = player.stages.length * (size + gap) + gap;
  const height = size + 380;
  for (const [key, value] of Object.entries({ xmlns: SVG, width, height,
    viewBox: `0 0 ${width} ${height}`, color: style.color, 'font-family': 'system-ui' })) {
    svg.setAttribute(key, value);
  }
  mark(svg, 'rect', { width, height, fill: paper });
  player.stages.forEach((stage, i) => {
    const left = gap + i * (size + gap);
    const epoch = stage.frameAt(player.moments[player.at])?.epoch ?? 0;
    mark(svg, 'text', { x: left, y: 26, fill: style.color, 'font-size': 15, 'font-weight': 600 },
      `${stage.start.title}, epoch ${epoch}`);
    mark(svg, 'image', { x: left, y: 38, width: size, height: size,
      href: stage.canvas.toDataURL('image/png') });
    for (let k = 0; k < stage.start.classes; k += 1) {
      const x = left + 34 + (k % 4) * 90;
      const y = size + 54 + 18 * Math.floor(k / 4);
      mark(svg, 'circle', { cx: x, cy: y - 4, r: 5, fill: SETTINGS.palette[k] });
      mark(svg, 'text', { x: x + 10, y, fill: style.color, 'font-size': 12 }, `class ${k}`);
    }
    [stage.loss, stage.accuracy].forEach((chart, row) => {
      const top = size + 96 + row * 146;
      const copy = chart.svg.cloneNode(true);
      for (const [key, value] of Object.entries({ x: left, y: top, width: size, height: 124 })) {
        copy.setAttribute(key, value);
      }
      mark(svg, 'text', { x: left, y: top - 6, fill: style.color, 'font-size': 12 },
        `${chart.title}: solid on training points, dashed on test points`);
      svg.append(copy);
    });
  });
  saveSvg(svg, 'run', kind);
}
