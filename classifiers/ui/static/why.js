// Shows explanations that Python computed, positions of bars included.
const root = element.querySelector('.why');
const find = (name) => root.querySelector(`[data-part="${name}"]`);

function tag(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function bar(from, to, up) {
  const track = tag('div', 'track');
  const fill = tag('i', up ? 'up' : '');
  fill.style.left = `${from}%`;
  fill.style.width = `${to - from}%`;
  track.append(fill);
  return track;
}

function step(item) {
  const row = tag('li');
  const name = tag('div', 'name', `${item.label} `);
  name.append(tag('span', '', item.value));
  row.append(name, bar(item.from, item.to, item.up), tag('div', 'amount', item.amount));
  return row;
}

function card(field) {
  const figure = tag('figure');
  figure.append(tag('figcaption', '', field.label));
  if (field.options) {
    const list = tag('ul', 'options');
    list.append(...field.options.map((option) => {
      const row = tag('li', option.own ? 'own' : '');
      row.append(tag('span', '', option.label), bar(0, option.share, true), tag('b', '', option.text));
      return row;
    }));
    figure.append(list);
  } else {
    figure.append(tag('div', 'plot'));
  }
  return figure;
}

function plot(field, figure) {
  drawChart(figure.querySelector('.plot'), {
    label: `Risk against ${field.label}`,
    x: { range: field.range, name: field.unit }, y: { range: [0, 1], name: 'risk', percent: true },
    lines: [{ x: field.values, y: field.probability, kind: 'first' }], markers: ['first'],
  }).mark(0, field.own_value, field.own_probability);
}

function show() {
  if (!props.value) return;
  const value = JSON.parse(props.value);
  for (const name of ['base', 'total', 'change', 'unusual']) find(name).textContent = value[name];
  find('waterfall').replaceChildren(...value.steps.map(step));
  const figures = value.fields.map(card);
  find('cards').replaceChildren(...figures);
  // A chart takes the width of its place in the page, so it is drawn after it is there.
  value.fields.forEach((field, i) => { if (!field.options) plot(field, figures[i]); });
}

watch('value', show);
show();
