// The threshold explorer of a table and of costs that are made here.
async ({ html }) => {
  const looks = {};
  const pass = clock(200);
  const thresholds = Array.from({ length: 201 }, (_, i) => i / 200);
  const curve = (at) => {
    const value = thresholds.map(at);
    return { value, low: value.map((v) => v - 0.03), high: value.map((v) => v + 0.05) };
  };
  const set = (name, cases, patients, bend) => ({ name, cases, patients,
    curves: { precision: curve((t) => 0.45 + bend * t), sensitivity: curve((t) => 1 - bend * t) },
    net_benefit: curve((t) => 0.4 * (1 - t) ** 2 - bend / 100),
    treat_all: thresholds.map((t) => (t === 1 ? null : 0.46 - (0.54 * t) / (1 - t))),
    roc: { false_positive_rate: [0, 0.1, bend, 1], true_positive_rate: [0, 0.6, 0.9, 1] },
    precision_recall: { recall: [0, 0.5, bend, 1], precision: [1, 0.9, 0.7, 0.45] },
    calibration: { curve: { predicted: [0.1, 0.5, 0.9], low: [0, 0.3, 0.7], observed: [0.1, 0.45,
      0.8], high: [0.2, 0.6, 1] }, groups: [{ predicted: 0.2, observed: { value: 0.25, low: 0.1,
      high: 0.4 } }, { predicted: bend, observed: { value: 0.7, low: 0.5, high: 0.85 } }] },
    titles: { benefit: `benefit of ${name}`, roc: `ROC of ${name}`, pr: `PR of ${name}`,
      calibration: `calibration of ${name}` },
    rows: Array.from({ length: 101 }, (_, i) => ({ threshold: i / 100, label: `${i} %`,
      missed: `${i + 1} (${i} to ${i + 2})`, worth: `worth ${i} of ${name}`,
      counts: { true_positive: cases - (i % 30), false_negative: i % 30,
        false_positive: 60 - (i % 60), true_negative: patients - cases - 60 + (i % 60) },
      said: { found: [`${100 - i}`, 'a to b'], alarms: [`${90 - i % 90}`, 'c to d'],
        called: i === 100 ? null : [`${40 + i % 60}`, 'e to f'], left: i ? [`${i}`, 'g to h'] : null },
      measures: [`accuracy ${i}`, `recall ${i}`], marks: { precision: i ? 0.4 + i / 250 : null,
        recall: 1 - i / 100, net_benefit: 0.4 - i / 250, alarms: 0.95 - i / 110 } })) });
  const group = (name, patients, shift) => {
    const called = (of) => ({ of, count: [of - 1, of - 3 - shift, of - 9], value: [0.95, 0.6, 0.2]
      .map((v) => v - shift / 50), low: [0.8, 0.4, 0.1], high: [1, 0.7 + shift / 50, 0.3] });
    return { name, patients, risk: `${46 + shift}`, called: { with_disease: called(20 + shift),
      without_disease: called(40 + shift) } };
  };
  const table = { model: 'one', start: { threshold: 0.25, miss: 3, alarm: 1 }, thresholds,
    measures: [['accuracy', 'Accuracy'], ['sensitivity', 'Recall']],
    out_of_fold: set('all 303', 139, 303, 0.55), held_out: set('76 held out', 35, 176, 0.7),
    groups: { thresholds: [0.1, 0.25, 0.496], told: ['At 10 %.', 'At 25 %.', 'At 50 %.'],
      groups: [group('Everybody', 303, 0), group('Women', 97, 2)] } };
  const costSet = (all, treat) => ({ ...curve((t) => 20 + 200 * (t - 0.3) ** 2), all,
    treat_all: treat, texts: Array.from({ length: 101 }, (_, i) => `costs ${i}`), exact: [
      { ...table.out_of_fold.rows[33], threshold: 1 / 3, label: '33.3 %', worth: 'exactly a third',
        measures: ['accuracy of a third', 'recall of a third'], cost: 24.5, text: 'exactly' }] });
  const costs = (miss, alarm, more = {}) => ({ model: 'one', costs: { miss, alarm },
    out_of_fold: costSet(`calling all costs ${miss}`, 46), held_out: costSet('all of them', 230),
    title: `a miss ${miss}, an alarm ${alarm}`, conclusion: ['At 25 %, lead.',
      `As theory says 25 % and theory knows ${miss}.`], findings: ['One.', 'Two.'],
    labels: { range: 'about the same', theory: 'theory 25 %', cheapest: 'cheapest 31 %',
      back: 'back to theory' },
    best: { low: 0.18, high: 0.41, theoretical: 0.25, value: 0.31 }, ...more });

  const { tableCharts } = await load('heart/threshold/charts');
  const { costChart, drawMarks } = await load('heart/threshold/cost_chart');
  looks.charts = ['out_of_fold', 'held_out'].map((name, i) =>
    plain(tableCharts(table[name], thresholds, [[0, 1], [0.1, 0.9]][i])));
  const few = tableCharts({ ...table.held_out, treat_all: thresholds.map(() => 0.2) }, [0, 0.5, 1],
    [0, 1]);
  const level = (value) => thresholds.map(() => value);
  const unknown = { value: level(null), low: level(null), high: level(null) };
  looks['nothing is precise'] = tableCharts({ ...table.held_out, curves: { ...table.held_out.curves,
    precision: unknown } }, thresholds, [0, 1]).pr_threshold.labels;
  looks['a few thresholds'] = [few.benefit, few.pr_threshold, ...[0.2, 0.4, 0.39].map((high) => tableCharts({
    ...table.held_out, net_benefit: { value: level(0.1), low: level(0), high: level(high) } }, thresholds, [0, 1]).benefit.y)];
  const past = tableCharts({ ...table.held_out, treat_all: [0.2, -0.06, -0.07] }, [0, 0.5, 1], [0, 1]);
  const { CALM, WIDE } = await load('heart/threshold/axes');
  looks['a few thresholds'].push(past.benefit.labels, [277, 278, 370, 371, 372].map(CALM.height),
    [499, 500, 501].map(WIDE.height));
  const costly = (about) => ({ ...costSet('all', 46), ...about });
  looks['cost charts'] = [costChart(costly({}), thresholds, [0, 1]),
    costChart(costly({ treat_all: 8000 }), thresholds, [0.1, 0.9]),
    costChart(costly({ treat_all: 12 }), thresholds, [0, 1]),
    costChart({ all: 'a', treat_all: 0, value: [0, 0, 0], low: [0, 0, 0], high: [0, 0, 0] },
      [0, 0.5, 1], [0, 1])];

  const { newSvg } = await load('charts/svg');
  const { scale } = await load('charts/scale');
  const marks = (best, labels, width = 500) => {
    const chart = { svg: newSvg(), top: 22, bottom: 250, left: 50, right: width - 18 };
    chart.atX = scale({ range: [0.1, 0.9] }, chart.left, chart.right);
    chart.atY = scale({ range: [0, 100] }, chart.bottom, chart.top);
    const label = drawMarks(chart, { best, labels });
    const drawn = lines(chart.svg);
    for (const about of [[0.3, 40, 'in the middle'], [0.85, 1, 'at the right end'], [0.3, 99.9, 'high'],
      [0, 40, 'at none'], [0.3, null, 'unknown'], [0.3, undefined, 'unknown'], [-1, 4, 'before']]) {
      label(...about);
      drawn.push(...lines(chart.svg.querySelector('.now')));
    }
    return drawn;
  };
  const { best, labels } = costs(3, 1);
  looks['marks: apart'] = marks({ ...best, theoretical: 0.2, value: 0.8 }, labels);
  looks['marks: near'] = marks(best, labels);
  looks['marks: near, the other way round'] = marks({ ...best, theoretical: 0.32 }, labels);
  looks['marks: at the left end'] = marks({ ...best, low: 0, theoretical: 0.1, value: 0.101 }, labels);
  looks['marks: at the right end'] = marks({ ...best, high: 1, theoretical: 0.9, value: 0.899 },
    labels);
  looks['marks: one beyond'] = marks({ ...best, theoretical: 0.95 }, labels, 260);
  looks['marks: one'] = marks(best, { ...labels, theory: '' });
  looks['marks: none'] = marks(best, {});
  looks['marks: no room'] = marks({ ...best, low: 0.3, high: 0.3 }, labels, 180);

  const { decision } = await load('heart/decision');
  const { start } = await load('heart/threshold/explorer');
  document.body.style.margin = '0';
  const home = document.createElement('div');
  home.style.width = '600px';
  home.innerHTML = html;
  document.body.append(home);
  const root = home.firstElementChild;
  const told = [];
  const props = { value: null, costs: null };
  const show = start({ element: home, props, trigger: (...name) => told.push(name.join(' ')) },
    { most: 1000 });
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const state = () => [`state ${root.dataset.state} empty ${root.hasAttribute('data-empty')}`
    + ` decision ${JSON.stringify(decision())} trouble ${part('trouble').textContent}`
    + ` asked ${told.splice(0)}`];
  let before = [];
  const look = async (name, whole = true, draws = false) => {
    await pass(0, draws);
    const [now, news] = whole ? changed(root, before) : [before, []];
    looks[name] = [...state(), ...news];
    before = now;
  };
  const say = async (name, value, cost, whole = true) => {
    if (value !== undefined) props.value = value && JSON.stringify(value);
    if (cost !== undefined) props.costs = JSON.stringify(cost);
    show();
    await look(name, whole);
  };
  const slide = (percent) => {
    part('slider').value = percent;
    part('slider').dispatchEvent(new Event('input'));
  };
  await look('explorer: nothing yet', true, true);
  await say('explorer: no weights', undefined, { error: 'No weights.' });
  await say('explorer: costs of other weights before the table', undefined, costs(3, 1));
  await say('explorer: a table', table);
  for (const percent of [25, 33, 0, 59, 100, 50]) {
    slide(percent);
    await look(`explorer: ${percent} %`);
  }
  await say('explorer: the same table', undefined, undefined, false);
  root.querySelector('[value="held_out"]').click();
  await look('explorer: held out');
  root.querySelector('[value="0.1,0.9"]').click();
  await look('explorer: fewer thresholds');
  part('back').click();
  looks.focus = document.activeElement.dataset.part;
  await look('explorer: back to theory', false);

  // What is written into the sentence, and how.
  const [alarm, miss] = root.querySelectorAll('.step input');
  const steps = (input) => [...input.parentElement.querySelectorAll('button')];
  const boxes = () => [[alarm, miss].map((input) => `${input.value} ${input.style.width} `
    + `${input.getAttribute('aria-invalid')}`).join(' | '),
  [...root.querySelectorAll('.sentence > span')].map((one) => one.textContent).join('|')];
  const type = async (input, text) => {
    input.value = text;
    input.dispatchEvent(new Event('input'));
    const wide = input.style.width;
    input.dispatchEvent(new Event('change'));
    await pass();
    return [`${text}: ${wide}`, ...state(), ...boxes()];
  };
  looks.sentence = [lines(part('sentence'))];
  for (const [input, text] of [[miss, '2.5'], [miss, ' 1000 '], [miss, '1000.5'], [miss, '-1'],
    [miss, ''], [miss, 'many'], [alarm, ''], [miss, '0'], [alarm, '0'], [alarm, '0.25'], [miss, '1'],
    [miss, '123456789012']]) looks.sentence.push(await type(input, text));
  const key = async (input, name) => {
    const event = new KeyboardEvent('keydown', { key: name, cancelable: true });
    input.dispatchEvent(event);
    await pass();
    return [`${name} ${event.defaultPrevented}`, ...state(), ...boxes()];
  };
  for (const [input, name] of [[miss, 'ArrowDown'], [miss, 'ArrowUp'], [miss, 'ArrowUp'],
    [alarm, 'ArrowDown'], [alarm, 'ArrowUp'], [alarm, 'ArrowUp'], [alarm, 'x'],
    [miss, 'ArrowDown'], [miss, 'ArrowDown']]) looks.sentence.push(await key(input, name));
  await type(miss, '1000');
  steps(miss)[1].click();
  looks.sentence.push(state(), boxes());
  await type(miss, '2.5');
  for (const button of [steps(miss)[0], steps(miss)[1], steps(alarm)[1], steps(alarm)[0]]) {
    button.click();
    looks.sentence.push([button.getAttribute('aria-label'), ...state(), ...boxes()]);
  }

  // Costs that come late, are refused, or are of other weights.
  await type(alarm, '1');
  await type(miss, '4');
  await say('weighed: what was asked before', undefined, costs(3, 1));
  await say('weighed: refused', undefined, { error: 'It cannot be weighed.' }, false);
  slide(40);
  await look('weighed: refused, and moved', false);
  looks['weighed: refused, another, and it again'] = [await type(miss, '6')];
  slide(41);
  looks['weighed: refused, another, and it again'].push(state(), await type(miss, '4'));
  await type(miss, '5');
  await say('weighed: others', undefined, costs(5, 1));
  await type(miss, '2');
  await say('weighed: these', undefined, costs(2, 1, { conclusion: ['Lead only.', 'No reason.'],
    labels: { ...labels, theory: '', range: '' } }));
  slide(33);
  await look('weighed: a third');
  slide(34);
  await look('weighed: 34 %');
  looks['weighed: the same once more'] = [await type(miss, '2')];
  looks['weighed: another alarm, and back'] = [await type(alarm, '3'), await type(alarm, '1')];
  await say('weighed: what the tab opens with', undefined, costs(3, 1), false);
  looks['weighed: as the tab opens'] = [await type(miss, '3'), part('cost-title').textContent];
  await type(miss, '6');
  await say('weighed: of newer weights', undefined, costs(6, 1, { model: 'two' }), false);
  await say('weighed: of newer weights again', undefined, undefined, false);
  slide(35);
  await look('weighed: of newer weights, and moved', false);
  part('back').click();
  await say('weighed: a table of these', { ...table, model: 'two', groups: null }, undefined);
  home.style.width = '400px';
  await look('weighed: narrow', true, true);
  await type(miss, '7');
  await say('weighed: another table while it is weighed', { ...table, model: 'two' }, undefined, false);
  home.innerHTML = html;
  start({ element: home, props: { value: JSON.stringify(table) }, trigger: () => {} }, { most: 9 });
  looks['a table that stands there'] = home.querySelector('[data-part=whose]').textContent;
  return looks;
}
