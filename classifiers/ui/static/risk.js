// Shows one prediction and moves the threshold over it. Every number comes from Python: the
// decision is the row that Python computed for the slider's position.
const root = element.querySelector('.risk');
const find = (name) => root.querySelector(`[data-part="${name}"]`);
const slider = find('slider');
let shown = null;
let moved = false;

function text(name, value) {
  find(name).textContent = value;
}

function drawChart() {
  const chart = find('chart');
  const width = Math.max(240, chart.clientWidth);
  const [left, right, middle, half] = [9, 9, 84, 62];
  const at = (share) => left + share * (width - left - right);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} 190`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', shown.chart_label);
  const { with_disease: sick, without_disease: well, edges, most } = shown.histogram;
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const [x, w] = [at(edges[i]) + 0.5, at(edges[i + 1]) - at(edges[i]) - 1];
    const [up, down] = [(half * sick[i]) / most, (half * well[i]) / most];
    mark(svg, 'rect', { x, y: middle - up, width: w, height: up, class: 'sick' });
    mark(svg, 'rect', { x, y: middle, width: w, height: down, class: 'well' });
  }
  mark(svg, 'line', { x1: at(0), x2: at(1), y1: middle, y2: middle, class: 'axis' });
  mark(svg, 'text', { x: at(0), y: 12, class: 'note' }, shown.legend.with_disease);
  mark(svg, 'text', { x: at(1), y: 160, class: 'note', 'text-anchor': 'end' },
    shown.legend.without_disease);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    mark(svg, 'text', { x: at(share), y: 184, class: 'tick', 'text-anchor': anchor },
      `${share * 100} %`);
    mark(svg, 'line', { x1: at(share), x2: at(share), y1: 166, y2: 171, class: 'axis' });
  }
  if (shown.state === 'ok') {
    mark(svg, 'rect', { x: at(shown.low), y: 20, width: at(shown.high) - at(shown.low),
      height: 128, class: 'band' });
    mark(svg, 'line', { x1: at(shown.probability), x2: at(shown.probability), y1: 20, y2: 148,
      class: 'patient' });
  }
  mark(svg, 'line', { y1: 16, y2: 166, class: 'cut' });
  chart.replaceChildren(svg);
  moveCut();
}

function moveCut() {
  const row = shown.rows[slider.value];
  const cut = find('chart').querySelector('.cut');
  if (cut) {
    const width = cut.ownerSVGElement.viewBox.baseVal.width;
    const x = 9 + row.threshold * (width - 18);
    cut.setAttribute('x1', x);
    cut.setAttribute('x2', x);
  }
  slider.setAttribute('aria-valuetext', row.label);
  text('threshold', row.label);
  text('operating', row.operating);
  const positive = Number(slider.value) <= shown.positive_up_to;
  const decision = find('decision');
  decision.textContent = shown.state === 'ok' ? shown.decisions[positive ? 1 : 0] : '';
  decision.dataset.positive = shown.state === 'ok' ? String(positive) : '';
}

function show() {
  if (!props.value) return;
  shown = JSON.parse(props.value);
  root.dataset.state = shown.state;
  text('headline', shown.headline);
  text('interval', shown.interval);
  text('message', shown.message);
  const doubts = find('doubts');
  doubts.replaceChildren(...shown.doubts.map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  }));
  slider.max = shown.rows.length - 1;
  if (!moved) slider.value = shown.own_row;
  drawChart();
}

slider.addEventListener('input', () => { moved = true; moveCut(); });
find('reset').addEventListener('click', () => {
  moved = false;
  slider.value = shown.own_row;
  moveCut();
});
new ResizeObserver(() => { if (shown) drawChart(); }).observe(find('chart'));
watch('value', show);
show();
