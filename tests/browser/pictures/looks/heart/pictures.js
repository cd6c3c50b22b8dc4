// What is drawn of a patient, of the lessons and of the record, of numbers made here.
async () => {
  const looks = {};
  const forest = await load('heart/lessons/forest');
  const gap = (value, low, high, more = {}) => ({ value, low, high, text: `${value}`,
    apparent: false, ...more });
  const spread = [[-0.3, 9], [-0.1, 4], [0, 12], [0.04, 3], [0.1, 6], [0.2, 20]];
  const GAPS = {
    none: [null, "can't tell"],
    good: [gap(0.04, 0.01, 0.07), 'helps'],
    'good, and only apparent': [gap(0.04, 0.01, 0.07, { apparent: true }), 'mixed'],
    'from 0 on': [gap(0.04, 0, 0.08), 'helps'],
    'up to 0': [gap(-0.03, -0.06, 0), 'harmful'],
    bad: [gap(-0.03, -0.06, -0.01), 'helps'],
    'around 0': [gap(0.02, -0.01, 0.05), 'helps'],
    'of no use': [gap(0.02, 0.01, 0.05), "doesn't"],
    'no interval': [gap(0.02, null, null), 'helps'],
    'no interval, not told': [gap(-0.02, null, null), "can't tell"],
    'no interval, none': [gap(0, null, null), 'helps'],
    'to both ends': [gap(0.1, -0.1, 0.1), 'mixed'],
    'beyond both ends': [gap(-0.1, -0.11, 0.12), 'mixed'],
    'above all': [gap(0.234, 0.15, 0.3), 'better'],
    'above all, from 0': [gap(0.234, 0, 0.3), 'better'],
    'above all, apparent': [gap(0.234, null, null, { apparent: true }), 'better'],
    'below all': [gap(-0.187, -0.3, -0.05), 'harmful'],
    'below all, no interval': [gap(-0.187, null, null), 'harmful'],
  };
  for (const [name, [one, chip]] of Object.entries(GAPS)) {
    looks[`difference: ${name}`] = [
      forest.drawDifference(one, 0.1, 100, { chip, spread: [] }),
      forest.drawDifference(one, 0.1, 1, { chip, spread })].flatMap((svg) => lines(svg));
  }
  looks['difference among those by luck'] =
    forest.drawDifference(GAPS.good[0], 0.1, 100, { chip: 'helps', spread });
  const estimate = (value, low, high) => ({ value, low, high });
  looks.areas = [{ ranks_worse: true, chip: 'not as good' }, { ranks_worse: false, chip: 'x' },
    { ranks_worse: false, chip: null }].flatMap((about, i) => lines(forest.drawArea(
    { auc: estimate(0.8 + i / 100, 0.7123, 0.9456), ...about }, [0.45, 1], { value: 0.875 })));
  looks['areas told'] = forest.drawArea({ auc: estimate(0.8126, 0.7123, 0.9456) }, [0.5, 1],
    { value: 0.9 }).getAttribute('aria-label');
  looks.said = [{ says_wrong: true, chip: 'x' }, { says_wrong: false, chip: 'x' },
    { says_wrong: false, chip: null }].flatMap((about, i) => lines(forest.drawSaid(
    { said: 0.4 + i / 10, found: estimate(0.315, 0.2, 0.444), ...about })));
  looks.axes = [forest.drawAxis(0.2, 100, 'points of accuracy', 'accuracy'),
    forest.drawAxis(0.25, 1, 'log loss', 'loss'),
    forest.drawAreaAxis([0.4567, 1], { value: 0.8912 }),
    forest.drawSaidAxis()].flatMap((svg) => lines(svg));

  const { drawHistogram, drawRows } = await load('heart/record/figures');
  const sets = { bars: [[0.7, 0.75, 3], [0.75, 0.8, 11], [0.8, 0.85, 30], [0.85, 0.92, 2]],
    held_out: 0.8 };
  looks['record: histograms'] = ['accuracy', 'log_loss'].flatMap((key) => lines(drawHistogram(
    { key, sets, all: 0.79, labels: ['all patients', 'the lesson’s'], below: 'of random sets' })));
  const scores = drawRows([{ name: 'network', value: 0.1234, low: 0.1, high: 0.15 },
    { name: 'forest', value: 0.25, low: 0.2, high: 0.31 },
    { name: 'line', value: 0.2, low: 0, high: 0.22 }]);
  looks['record: rows'] = [scores.getAttribute('aria-label'), ...lines(scores)];

  const { drawPeople, ofHundred } = await load('heart/patient/people');
  looks['people: rounded'] = [0, 0.004, 0.005, 0.414, 0.415, 0.996, 1].map(ofHundred);
  const PEOPLE = { wide: [430, null], 'one more than narrow': [261, 0.37], narrow: [260, 0.4],
    'very narrow': [150, 0.37], 'nobody before': [600, 0], 'everybody before': [600, 1] };
  for (const [name, [width, before]] of Object.entries(PEOPLE)) {
    const svg = drawPeople({ probability: 0.414, low: 0.15, high: 0.6 }, before, width, 'a label');
    const persons = [...svg.querySelectorAll('.person')];
    looks[`people: ${name}`] = [persons.filter((one) => one.matches('.sick')).length,
      persons.length, ...[0, 1, 9, 10, 19, 20, 40, 41, 42, 99].flatMap((i) => lines(persons[i]))];
    for (const one of persons) one.remove();
    looks[`people: ${name}`].push(...lines(svg));
  }
  looks['people: an interval of nothing'] = [[0.2, 0.2], [0, 1], [0.39, 0.41], [0.4, 0.6]].flatMap(
    ([low, high]) => {
      const svg = drawPeople({ probability: low, low, high }, null, 430, '');
      return [...svg.querySelectorAll('.band')].flatMap((one) => lines(one));
    });

  const { drawStrip } = await load('heart/patient/strip');
  const study = { sick: [0.1, 0.5, 0.52, 0.9, 1, 1, 1], well: [0, 0.2, 0.21, 0.5, 0.7] };
  const STRIPS = {
    plain: [500, { low: 0.2, high: 0.6, probability: 0.414, count: '41' }, []],
    'an outlook to the right': [500, { low: 0.2, high: 0.6, probability: 0.3, count: '30',
      outlook: { low: 0.1, high: 0.9 } }, [{ risk: 0.7, name: 'A' }]],
    'an outlook to the left': [140, { low: 0.2, high: 0.6, probability: 0.97, count: '97',
      outlook: { low: 0.1, high: 0.98 } }, [{ risk: 0.1, name: '' }]],
    'an outlook around it': [500, { low: 0.3, high: 0.6, probability: 0.5, count: '50',
      outlook: { low: 0.25, high: 0.75 } }, []],
    'at the left': [140, { low: 0, high: 0.1, probability: 0.01, count: 'under 1' },
      [{ risk: 0.02, name: 'A' }]],
  };
  for (const [name, [width, answer, ghosts]] of Object.entries(STRIPS)) {
    const strip = drawStrip(width, { answer: { ...answer, study }, ghosts, label: 'a label' });
    looks[`strip: ${name}`] = strip.svg.cloneNode(true);
    if (name !== 'plain') continue;
    for (const threshold of [0, 0.5, 0.51, 1]) {
      strip.cut(threshold);
      looks[`strip: cut at ${threshold}`] = [...strip.svg.querySelectorAll('.wrong, .cut')]
        .flatMap((one) => lines(one));
    }
  }
  const many = (count, risk) => Array.from({ length: count }, (_, i) => risk + i / 1e5);
  const empty = (sick, well) => drawStrip(300, { answer: { low: 0, high: 0.5, probability: 0.2,
    count: '20', study: { sick, well } }, ghosts: [], label: '' }).svg;
  looks['strip: nobody'] = empty([], []);
  looks['strip: many'] = [[40, 30], [30, 90]].map(([sick, well]) =>
    lines(empty(many(sick, 0.3), many(well, 0.6))).filter((_, i) => i < 4 || i % 16 === 0));

  const holder = (width) => {
    const place = document.createElement('div');
    place.style.width = `${width}px`;
    document.body.append(place);
    return place;
  };
  const { drawUnusual } = await load('heart/why/unusual');
  looks.unusual = [0, 300].map((width, i) => {
    const place = holder(width);
    drawUnusual(place, { share: 0.3, limit: 0.9, title: 'once' });
    drawUnusual(place, { share: 0.95 - i, limit: 0.9 + i / 20, title: 'a title' });
    return lines(place);
  });

  const { drawWaterfall } = await load('heart/why/waterfall');
  const step = (fields, label, value, from, to, factor) =>
    ({ fields, label, value, from, to, factor, up: to > from });
  const value = { label: 'from average to this', start: { at: -0.2, text: '45 %' },
    end: { at: 1.1, text: '75 %' }, range: [-0.5, 1.6],
    steps: [step(['ca'], 'Vessels', '2', -0.2, 1.3, '× 4.5'),
      step(['cp', 'age'], 'Pain and age, both together', 'typical', 1.3, 0.9, '× 0.7'),
      step(['sex'], 'Sex', 'male', 0.9, 0.9, '× 1'),
      step(['chol'], 'Cholesterol', '240 mg/dl', 0.9, 1.1, '× 1.2')],
    ticks: [{ at: -0.5, text: '38' }, { at: -0.4, text: '40' }, { at: 0, text: '50' },
      { at: 0.4, text: '60' }, { at: 1.6, text: '83' }] };
  const ghost = { start: { at: -0.3, text: '43 %' }, end: { at: -1.2, text: '23 %' },
    each: { ca: -0.7, cp: 0.25, age: 0.15, sex: 0.1, chol: -0.7 } };
  for (const [width, other] of [[700, null], [700, ghost], [560, null], [559, ghost], [0, null]]) {
    const place = holder(width);
    drawWaterfall(place, value, other);
    looks[`waterfall of ${width}${other ? ' and a ghost' : ''}`] = lines(place);
  }
  const still = holder(700);
  drawWaterfall(still, value, { ...ghost, each: { ...ghost.each, ca: 0.01, sex: 0 } });
  looks['a ghost that hardly moves'] = [...still.querySelectorAll('rect.ghost')].flatMap((one) => lines(one));

  const whatif = await load('heart/why/whatif');
  const field = { label: 'Age', own: '61 years', notes: ['One note.', 'Another.'],
    alt: 'the risk by age', values: [30, 45, 60, 75], probability: [0.1, 0.3, 0.4, 0.8],
    low: [0.05, 0.2, 0.3, 0.6], high: [0.2, 0.45, 0.5, 0.95], at: { value: 61, probability: 0.41 },
    histogram: { edges: [25, 40, 55, 80], with_disease: [2, 8, 20], without_disease: [10, 5, 0] } };
  const FIELDS = [[260, field], [100, { ...field, at: null, histogram: null, notes: [] }],
    [260, { ...field, histogram: { ...field.histogram, with_disease: [0, 0, 0],
      without_disease: [0, 0, 0] } }]];
  looks.curves = FIELDS.map(([width, one]) => {
    const place = holder(width);
    const card = whatif.numberCard(one);
    place.append(card);
    whatif.drawCurve(card, one);
    const before = lines(card);
    whatif.moveThreshold(place, 0.3);
    return [...before, ...[...place.querySelectorAll('.threshold')].flatMap((l) => lines(l)),
      `cut ${place.dataset.cut}`];
  });
  const option = (label, probability, own, seen) => ({ label, probability, own, seen,
    low: probability - 0.07, high: probability + 0.13, risk: `${100 * probability}`,
    interval: 'from to' });
  const cards = [[option('male', 0.4, true, { sick: 30, of: 70 }), option('female', 0.2, false,
    null)], [option('yes', 0.5, false), option('no', 0.25, true)]].map((options, i) =>
    whatif.categoryCard({ label: `Field ${i}`, options, notes: i ? [] : ['A note.'] }));
  const both = holder(200);
  both.append(...cards);
  whatif.moveThreshold(both, 0.62);
  looks.categories = lines(both);

  const { inUnit } = await load('heart/why/units');
  const about = { field: 'chol', values: [193.35, 386.7], at: null, histogram: null };
  looks['in other units'] = inUnit(JSON.stringify({ fields: [about, { ...about, field: 'age' }] }), 'mmol/l',
    { mmol: 38.67, sugar: { 'mmol/l': 6.7 } });
  const { start } = await load('heart/why/importance');
  const rows = (label, text) => [
    { label, text, value: 0.3, low: 0.1, high: 0.5, sure: true },
    { label: 'Sex', text: '0.1', value: 0.1, low: -0.1, high: 0.3, sure: false }];
  const pictures = [{ title: 'Odds', range: [-0.2, 0.6], rows: rows('Age', '0.30 (0.1 to 0.5)') },
    { title: 'Pairs', range: [-0.1, 1], rows: rows('Chest pain and major vessels coloured',
      '0.30 (from 0.1 up to 0.5 of all)') }];
  looks.importance = [];
  const saved = saves();
  for (const width of [300, 600]) {
    const place = holder(width);
    place.style.fontFamily = 'serif';
    place.innerHTML = '<details class="importance" hidden><summary>S</summary><div '
      + 'data-part="pictures"></div><button data-save="svg"></button></details>';
    const props = { value: null };
    const tell = start({ element: place, props });
    looks.importance.push(`hidden ${place.firstChild.hidden}`);
    props.value = JSON.stringify(pictures);
    tell();
    looks.importance.push(`hidden ${place.firstChild.hidden}`, ...lines(place.firstChild));
    place.firstChild.open = true;
    await new Promise((done) => { setTimeout(done, 0); });
    await new Promise((done) => { requestAnimationFrame(done); });
    looks.importance.push(...lines(place.firstChild));
    const [drawn] = place.querySelectorAll('svg');
    place.style.height = '999px';
    place.style.width = `${width}px`;
    await until(() => false, 3);
    looks.importance.push(`the same ${place.contains(drawn)}`);
    place.querySelector('button').click();
    const [[name, , figure]] = await saved.told();
    looks.importance.push(name, ...figure.slice(0, 6));
    place.style.width = '450px';
    await until(() => !place.contains(drawn));
    looks.importance.push(...[...place.querySelectorAll('svg')].map((svg) => svg.getAttribute('viewBox')));
    props.value = JSON.stringify(pictures.slice(1));
    tell();
    looks.importance.push(`${place.querySelectorAll('figure').length} ${place.querySelectorAll('svg').length}`);
    place.firstChild.open = false;
    await until(() => false, 2);
    tell();
    looks.importance.push(`closed ${place.querySelectorAll('svg').length}`);
    props.value = '';
    tell();
    looks.importance.push(`hidden ${place.firstChild.hidden} ${place.querySelectorAll('figure').length}`);
  }
  return looks;
}
