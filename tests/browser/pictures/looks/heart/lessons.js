// The lessons and the record, of measurements that are made here.
async ({ lessons, record }) => {
  const looks = {};
  const pass = clock(200);
  const begin = async (name, html, width, value = null) => {
    const home = document.createElement('div');
    home.setAttribute('role', 'tabpanel');
    home.style.width = `${width}px`;
    home.innerHTML = `<div>${html}</div>`;
    document.body.append(home);
    const element = home.firstChild;
    const props = { value };
    const { start } = await load(`heart/${name}`);
    const show = start({ element, props });
    return { root: element.firstElementChild, tell: async (next) => {
      props.value = JSON.stringify(next);
      show();
      await pass(0, true);
    } };
  };
  const gap = (value, low, high) => ({ value, low, high, text: `${value} of it`, apparent: false });
  const row = (key, chip, accuracy, loss) => ({ key, chip, question: `Is ${key} good?`, answer: `${chip}!`,
    accuracy, log_loss: loss, details: [`First of ${key}.`, 'Second.'], spread: [[0.01, 3], [0.02, 6]] });
  const estimate = (value) => ({ value, low: value - 0.1, high: value + 0.05 });
  const group = (name, more) => ({ name, patients: `${name.length * 10} patients`, cases: name.length,
    answer: '', chip: null, auc: estimate(0.9), said: 0.4, found: estimate(0.45), details: ['It is so.'],
    ranks_worse: false, says_wrong: false, ...more });
  const value = { lead: 'What helps.', method: 'Measured so.', tally: [{ chip: 'helps', count: 3 },
    { chip: "can't tell", count: 12 }], most: { accuracy: 0.05, log_loss: 0.2 },
  sections: [{ title: 'Layers', rows: [row('h1', 'helps', gap(0.02, 0.01, 0.03), gap(0.1, -0.05, 0.15)),
    row('h2', 'better', gap(0.02, null, null), null)] },
  { title: 'Data', rows: ["doesn't", "can't tell", 'harmful', 'mixed', 'not as good'].map((chip, i) =>
    row(`h${i + 3}`, chip, gap(0.01, 0, 0.03), gap(0.3, 0.1, 0.4))) }],
  groups: { note: 'Four hospitals.', rows: [group('Everybody'), group('Women', { chip: 'mixed',
    answer: 'Partly.', auc: estimate(0.55), ranks_worse: true }), group('Zürich', { chip: "can't tell",
    says_wrong: true })] } };
  const first = await begin('lessons/lessons', lessons, 700);
  looks['lessons: nothing yet'] = lines(first.root);
  await first.tell({ error: 'No record.' });
  looks['lessons: no record'] = lines(first.root);
  await first.tell(value);
  looks.lessons = lines(first.root);
  first.root.querySelector('details').open = true;
  await first.tell(value);
  looks['lessons: told again'] = `${first.root.querySelector('details').open}`;
  await first.tell({ ...value, groups: { ...value.groups, rows: [group('Everybody', { auc:
    estimate(0.7) })] }, sections: [], tally: [] });
  looks['lessons: one group'] = lines(first.root);

  const curve = (bend) => [0, 0.25, 0.5, 0.75].map((x) => 0.4 - bend * x);
  const told = { purpose: { for: ['Teaching.', 'Reading.'], not_for: ['Patients.'] },
    figures: [{ key: 'auc', value: '84 %', interval: '80 to 88', says: 'So many are right.',
      note: 'A note.', below: 'Random sets.', all: 0.83, labels: ['all', 'the lesson’s'], sets: { bars:
        [[0.7, 0.8, 4], [0.8, 0.9, 6]], held_out: 0.8 } },
    { key: 'brier', value: '0.12', interval: '0.1 to 0.14', says: 'So far off.', note: 'Another.',
      below: 'Three models.', rows: [{ name: 'own', value: 0.12, low: 0.1, high: 0.14 },
        { name: 'other', value: 0.2, low: 0.15, high: 0.25 }] }],
    calibration: { says: 'Well said.', groups: [{ predicted: 0.1, observed: { value: 0.15, low: 0.05,
      high: 0.25 } }, { predicted: 0.8, observed: { value: 0.7, low: 0.6, high: 0.85 } }] },
    benefit: { says: 'Of use.', thresholds: [0, 0.25, 0.5, 0.75], treat_all: curve(0.9), model: {
      value: curve(0.4), low: curve(0.5), high: curve(0.2) } },
    patients: { says: 'Who they were.', cases: 139, others: 164, below: 'Of one clinic.', size: 'Small.',
      groups: [{ name: 'Women', cases: 25, others: 72 }, { name: 'Men', cases: 114, others: 92 }] } };
  const second = await begin('record/record', record, 900);
  await second.tell({ error: 'Neither.' });
  looks['record: none'] = lines(second.root);
  await second.tell(told);
  looks.record = lines(second.root);
  await second.tell({ ...told, benefit: { ...told.benefit, model: { value: [0, 0, 0, 0], low: [0, 0, 0, 0],
    high: [0, 0.02, 0, 0] } } });
  looks['record: of no benefit'] = lines(second.root.querySelector('[data-chart=benefit]'));
  second.root.style.width = '300px';
  await pass(0, true);
  looks['record: narrow'] = lines(second.root.querySelector('[data-chart=calibration]'));
  looks['there from the start'] = [];
  for (const [name, html, about] of [['lessons/lessons', lessons, value], ['record/record', record, told]]) {
    const { root } = await begin(name, html, 500, JSON.stringify(about));
    looks['there from the start'].push(root.textContent);
  }
  return looks;
}
