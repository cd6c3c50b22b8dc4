// One patient's state, as it is asked about and answered, and what is said of it.
async () => {
  const looks = {};
  const pass = clock(200);
  const said = await load('heart/patient/sentences');
  const decided = await load('heart/decision');
  const state = await load('heart/patient/state');
  const study = (key, sick, well) => ({ key, known: ` of ${key}`, record: `, ${key}`, sick, well,
    steps: Array.from({ length: new Set([...sick, ...well]).size + 1 }, (_, i) => [Math.max(0, sick.length - i),
      Math.max(0, well.length - 2 * i), ...[91, 80, 99.5, 30, 0.5, 44, i === 1 ? -1 : 62, 50, 71, 12, 3, 25]
        .map((v) => (v % 1 || v < 0 ? v : v + i))]) });
  const ALL = study('all', [0.2, 0.45, 0.7, 0.9, 0.9], [0.05, 0.1, 0.2, 0.3, 0.6, 0.65]);
  const FEW = study('few', [0.4, 0.8], [0.1, 0.35, 0.4]);
  const labels = { age: 'Age', sex: 'Sex', chol: 'Cholesterol', fbs: 'Fasting sugar' };
  const texts = ({ age, sex, chol, fbs }) => ({ age: `${age} years`, sex: `sex ${sex}`,
    chol: `${chol} mg/dl`, fbs: `sugar ${fbs}` });
  const answer = (number, patient, more = {}) => ({ state: 'ok', number, patient, labels, notes: {},
    values: texts(patient ?? first), mmol: { chol: `${patient?.chol} in mmol` }, probability: 0.414, low: 0.2,
    high: 0.62, count: '41', low_count: '20', high_count: '62', about_interval: 'what it is',
    refits: [0.38, 0.41, 0.5, 0.3, 0.7], withheld: false, known: 4, fields: 4, doubts: [],
    summary: ['Age: as it is', 'Sex: so'], study: { key: 'all' }, outlook: null, ...more });
  const outlook = { low: 0.1, high: 0.8, low_count: '10', high_count: '80', ask_first: 'Age',
    crossing: Array.from({ length: 101 }, (_, i) => i + 100) };
  const first = { age: 61, sex: 1, chol: 240, fbs: 0 };
  const second = { age: 40, sex: 0, chol: 240, fbs: null };

  // The state, and what is sent to the server.
  const sent = [];
  const short = (one) => one && { ...one, answer: one.answer && `${one.answer.number}: `
    + `${one.answer.study.key}, ${one.answer.study.edges}` };
  const stages = [];
  const note = async (name, wait) => {
    if (wait !== undefined) await pass(wait);
    const now = state.patient();
    stages.push(`${name}: ${JSON.stringify({ ...now, shown: short(now.shown), kept: short(now.kept),
      before: short(now.before), problem: now.problem?.message ?? null, sent: sent.splice(0) })}`);
  };
  const take = (one) => state.take(structuredClone(one));
  let calls = 0;
  state.watchPatient(() => { calls += 1; });
  await note('at first');
  take({ state: 'wrong', number: 0, message: 'No weights.', notes: {} });
  await note('a problem before the form');
  take(answer(0, undefined, { study: ALL }));
  await note('an answer before the form');
  state.openForm((text) => sent.push(text), first);
  await note('the form');
  take(answer(0, first));
  await note('answered again');
  state.replace({ ...first });
  await note('the same patient', 0);
  state.edit('age', 62, 600);
  await note('one types');
  state.edit('age', 63, 600);
  take(answer(1, { ...first, age: 99 }));
  await note('and types', 500);
  state.edit('age', 63);
  await note('it is typed', 0);
  state.edit('age', 63);
  await note('once more', 0);
  take(answer(2, { ...first, age: 63 }));
  await note('an answer to the one before');
  take({ state: 'wrong', number: 3, message: 'Too old.', notes: { age: { text: 'no', wrong: true },
    sex: { text: 'rare' } } });
  await note('wrong');
  state.edit('age', 64);
  await note('another age', 0);
  take(answer(4, { ...first, age: 64 }, { study: FEW, notes: { chol: { text: 'high' } } }));
  await note('answered');
  state.keep();
  state.edit('sex', 0);
  await note('kept, another sex', 0);
  take(answer(5, { ...first, age: 64, sex: 0 }, { study: { key: 'few' } }));
  state.edit('sex', 1, 300);
  await note('as it was', 300);
  take(answer(6, { ...first, age: 64 }, { study: { key: 'all' } }));
  state.edit('chol', 'many');
  await note('a text', 0);
  state.undo();
  await note('undone', 0);
  take(answer(8, { ...first, age: 64 }));
  state.replace(second, false);
  await note('a sample', 0);
  take(answer(9, second));
  state.replace(first);
  await note('another, to be undone', 0);
  take(answer(10, first));
  state.replace({ ...first });
  await note('the same');
  state.setUnit('mmol/l');
  state.edit('chol', 200);
  state.followLink('age=3');
  await note('a link', 0);
  take(answer(12, second));
  state.release();
  state.dismiss();
  await note('released');
  state.openForm((text) => sent.push(text), first);
  await note('the form once more');
  stages.push(`${calls} calls`);
  looks.state = stages;
  const early = await import(new URL(`${base}/heart/patient/state.js?early`, location.origin));
  early.openForm((text) => sent.push(text), first);
  early.edit('age', 62);
  await pass(0);
  const once = JSON.stringify(early.patient());
  early.replace(second);
  await pass(0);
  looks['changed before any answer'] = [once, JSON.stringify(early.patient()), ...sent.splice(0)];
  looks.same = [state.isSame(first, first), state.isSame(first, second), state.isSame(first,
    { age: 61 }), state.isSame({ age: 61 }, first), state.isSame(second, { fbs: null })];

  // Sentences.
  const spread = (call, ...lists) => lists.map((about) => {
    const told = call(...about);
    return typeof told === 'string' ? told : JSON.stringify(told);
  });
  looks.percent = spread(said.percent, [0], [0.004], [0.005], [0.414], [1]);
  looks.count = spread(said.count, [{ count: '41' }], [{ count: 'under 1' }], [{ count: 'over 99' }]);
  looks.value = spread(said.valueText, [answer(0, first), 'chol', 'mg/dl'],
    [answer(0, first), 'chol', 'mmol/l'], [answer(0, first), 'age', 'mmol/l']);
  looks.headline = spread(said.headline, [{ count: '41' }], [{ count: 'under 1' }]);
  looks.unknown = spread(said.unknownFields, [{ known: 12, fields: 13 }], [{ known: 0, fields: 13 }]);
  decided.begin({ threshold: 0.5, miss: 1, alarm: 1 });
  looks.decide = spread(said.decide, [answer(0, first)], [answer(0, first), 0.414],
    [answer(0, first), 0.4141], [answer(0, first), 0.29], [answer(0, first), 0.71],
    [answer(0, first, { withheld: true }), 0.4]);
  looks.little = spread(said.tooLittle, ...[0, 1, 11, 12, 13].map((known) =>
    [{ known, fields: 13, outlook: known === 13 ? null : outlook }, 0.254]));
  looks.agreement = spread(said.agreement, ...[0, 1, 4].map((others) => [{ refits: [1, 2, 3, 4] },
    others]));
  const full = { ...ALL, edges: [...new Set([...ALL.sick, ...ALL.well])].toSorted() };
  looks.steps = spread(said.stepAt, ...[0, 0.05, 0.051, 0.2, 0.64, 0.9, 0.91, 1].map((t) => [full, t]));
  looks.steps.push(JSON.stringify(said.stepAt({ edges: [0.5], steps: [[0, 0, 0, 0, 0.5, 0, 0, 3, -1, 0, 0, 0,
    0, 99.5]] }, 0.5)));
  looks.costs = spread(said.asCosts, ...[[0, 1, 1], [1, 1, 1], [0.5, 1, 1], [1 / 3, 2, 1], [0.33, 2, 1],
    [0.25, 1, 1], [1 / 11, 10, 1], [0.094, 1, 1], [0.04, 1, 1], [0.06, 1, 1], [0.8, 1, 4], [0.51, 1, 1],
    [0.4975, 1, 1]].map(([t, miss, alarm]) => [t, { miss, alarm }]));
  const { compareRows, compareTable } = await load('heart/patient/compare');
  const pair = (unit) => ({ unit, kept: { values: first, answer: answer(0, first) },
    shown: { values: { ...second, chol: 200 }, answer: answer(1, { ...second, chol: 200 },
      { count: 'over 99', low_count: '95', high_count: 'over 99', probability: 0.999,
        refits: [0.99, 0.98] }) } });
  looks.compared = ['mg/dl', 'mmol/l'].flatMap((unit) => lines(compareTable(compareRows(pair(unit), 0.5))));

  // The decision that all share.
  const heard = [];
  const stop = decided.watch((now) => heard.push(`watched ${JSON.stringify(now)}`));
  decided.begin({ threshold: 0.9, miss: 2, alarm: 7 });
  decided.change({ miss: 3 });
  for (const percent of [25, 24, 26, 24.6, 24.4]) decided.slide(percent);
  decided.backToTheory();
  stop();
  decided.change({ alarm: 2 });
  looks.decision = [...heard, JSON.stringify(decided.decision()), ...[[1, 3], [3, 1], [0, 1]].map(
    ([miss, alarm]) => `${miss} ${alarm} ${decided.thresholdFor({ miss, alarm })}`)];
  return looks;
}
