// A table of patients that was sent: how it was read, what was answered, and what is pressed there.
async ({ html }) => {
  const looks = {};
  const pass = clock(200);
  Math.random = lot(3);
  const { columnsPanel } = await load('heart/table/columns');
  const { rowsPanel, summary, measured } = await load('heart/table/answer');
  const told = (nodes) => nodes.flatMap((one) => lines(one));
  const place = (element) => {
    document.body.replaceChildren(element);
    return element;
  };

  // How each column was read.
  const column = (name, field, more = {}) => ({ name, field, cells: ['1', '', '3'], ...more });
  const codes = [{ written: '1', count: 1200, meaning: 'male' }, { written: '', count: 2,
    meaning: 'missing' }];
  const meanings = [{ value: 0, label: 'female' }, { value: 1, label: 'male' }];
  const seen = { options: { units: { chol: 'mmol/l' }, decode: 'kaggle', codes: { sex: { 1: '0' } } },
    questions: ['sex: what is 1?'], notes: ['One note.', 'Another.'], more_columns: 3,
    fields: [['age', 'Age'], ['sex', 'Sex'], ['chol', 'Cholesterol'], ['fbs', 'Sugar']],
    columns: [column('years', 'age', { values: ['1', '–', '3'], unreadable: 1 }),
      column('sex', 'sex', { codes, meanings }), column('fat', 'chol', { units: ['mg/dl', 'mmol/l'],
        unit: 'mg/dl', unreadable: 1234 }), column('sugar', 'fbs', { units: ['mg/dl'] }),
      column('', null)] };
  looks.columns = columnsPanel(seen, () => {});
  looks['columns, nothing asked'] = columnsPanel({ ...seen, options: {}, questions: [],
    more_columns: 1, notes: [], columns: [...seen.columns.slice(0, 3), column('', 'sex', { codes,
      meanings })] }, () => {});
  looks['columns, all of them'] = columnsPanel({ ...seen, columns: [], more_columns: 0 }, () => {});
  const said = [];
  let panel = place(columnsPanel(seen, (about) => said.push(JSON.stringify(about))));
  const choose = (label, value) => {
    const list = panel.querySelector(`[aria-label="${label}"]`);
    list.value = value;
    list.dispatchEvent(new Event('change'));
    const again = panel.querySelector('.again:not([data-part])');
    again.click();
    return `${label} = ${value || 'nothing'}: ${again.hidden}`;
  };
  said.push(`hidden ${panel.querySelector('.again').hidden}`);
  panel.querySelector('.again').click();
  for (const [label, value] of [['Coding', 'from-zero'], ['Coding', ''], ['Unit of fat', 'mg/dl'],
    ['Unit of fat', ''], ['Unit of sugar', 'mg/dl'], ['Meaning of 1 in sex', '1'],
    ['Meaning of (empty) in sex', '?'], ['Meaning of 1 in sex', ''], ['Meaning of (empty) in sex', ''],
    ['Field of years', 'fbs'], ['Field of years', 'chol'], ['Field of fat', 'age'],
    ['Field of years', ''], ['Field of years', 'age'], ['Field of (no name)', 'fbs'], ['Field of fat', ''],
    ['Field of sugar', 'fbs']]) said.push(choose(label, value));
  looks['said of columns'] = said;
  looks['what was said is left alone'] = JSON.stringify(seen.options);

  // Its answer.
  const row = (i, mark = '') => [i.toLocaleString('en'), `p${i}`, `${i % 7}`, `${i % 100} %`, mark];
  const answer = (count, more = {}) => ({ state: 'ok', rows: `${count} rows`, threshold: 0.3,
    decisions: [['disease called', 1234], ['no disease called', 1], ['too little known', 0]],
    findings: ['Found.', 'And more.'], doubtful: 0, header: ['Row', 'id', 'a', 'risk'], own: 2, page: 3,
    all: Array.from({ length: count }, (_, i) => row(i + 1, i % 4 === 1 ? 'odd' : '')), count,
    doubted: Array.from({ length: count }, (_, i) => row(i + 1, 'odd')).filter((_, i) => i % 4 === 1),
    in_doubt: Math.floor((count + 2) / 4), refused: [], more: '', hidden: 0, outcomes: null, ...more });
  looks.summaries = [0, 1, 4321].map((doubtful) => told(summary(answer(2, { doubtful }))));
  const measure = { title: 'Measured', findings: ['Good.'], header: ['What', 'Value', 'From'],
    rows: [['AUC', '0.9', '0.8'], ['Brier', '0.1', '0.05']], counts: 'Of 20.', groups: ['Low.', 'High.'] };
  looks.measured = [null, measure, { ...measure, warnings: ['Few.'], rows: null }].map((one) =>
    told(measured(one)));
  looks['all rows'] = rowsPanel(answer(3, { in_doubt: 3, doubted: [] }));
  looks['one row, refused'] = rowsPanel(answer(1, { refused: [['7', 'no age'], ['1,009', 'no sex']],
    more: 'And 3 more.', hidden: 2 }));
  looks['more refused'] = rowsPanel(answer(0, { refused: [['7', 'no age']], header: ['Row'], own: 0 }));
  panel = place(rowsPanel(answer(16, { count: 5000, in_doubt: 4, hidden: 1 })));
  let before = [];
  const look = (name) => {
    const [now, news] = changed(panel, before);
    before = now;
    looks[`pages: ${name}`] = news;
  };
  look('the first');
  const sheet = document.createElement('style');
  sheet.textContent = '.scroll { height: 30px; overflow: auto }';
  document.body.append(sheet);
  const scrolled = [];
  const [back, next] = panel.querySelectorAll('nav button');
  const box = panel.querySelector('[type=number]');
  const only = panel.querySelector('[type=checkbox]');
  const go = (text) => {
    box.value = text;
    box.dispatchEvent(new Event('change'));
    look(`row ${text}, ${box.value}`);
  };
  for (const [name, button] of [['back at the first', back], ['next', next], ['next twice', next],
    ['the last', next], ['beyond it', next], ['back', back]]) {
    panel.querySelector('.scroll').scrollTop = 5;
    const far = panel.querySelector('.scroll').scrollTop;
    button.click();
    scrolled.push(`${far} ${panel.querySelector('.scroll').scrollTop}`);
    look(name);
  }
  looks['scrolled up'] = scrolled;
  for (const text of ['1', '3', '4', '16', '99', '0', '-2', '5.6']) go(text);
  only.checked = true;
  only.dispatchEvent(new Event('change'));
  look('in doubt');
  for (const text of ['3', '10', '14', '15']) go(text);
  only.checked = false;
  only.dispatchEvent(new Event('change'));
  look('all again');
  panel = place(rowsPanel(answer(16, { all: Array.from({ length: 16 }, (_, i) => row(995 + i)) })));
  const far = panel.querySelector('[type=number]');
  looks['beyond a thousand'] = ['999', '1003', '1011'].map((text) => {
    far.value = text;
    far.dispatchEvent(new Event('change'));
    return panel.querySelector('tbody').textContent;
  });

  // The panel, from the file on.
  document.body.innerHTML = `<div id="home">${html}</div>`;
  const home = document.querySelector('#home');
  const { start, ask, runs, options } = await load('heart/table/table');
  const { change, decision } = await load('heart/decision');
  looks['no panel'] = [ask({ path: 'a' }), runs(), options(), decision()];
  const few = { ...seen, columns: seen.columns.slice(0, 1), fields: seen.fields.slice(0, 1) };
  const early = answer(2, { seen: { ...few, converted: [] } });
  const props = { value: JSON.stringify(early), start: null };
  const triggered = [];
  const show = start({ element: home, props, trigger: (...about) =>
    triggered.push(JSON.stringify(about)) });
  before = [];
  panel = home;
  const stage = async (name) => {
    await pass();
    const [now, news] = changed(home, before);
    before = now;
    looks[name] = [`run ${runs()} options ${options()} triggered ${triggered.splice(0)}`, ...news];
  };
  const tell = async (name, value) => {
    props.value = JSON.stringify(value);
    show();
    await stage(name);
  };
  await stage('an answer that stands there');
  props.start = JSON.stringify({ threshold: 0.3, miss: 7, alarm: 3 });
  show();
  await stage('a threshold');
  looks['thresholds that are asked with'] = [ask(null), ask({ path: 'one', orig_name: 'own.csv' })];
  await stage('waiting');
  await tell('working', { state: 'working', percent: 12.5, text: '1 of 8 rows' });
  home.querySelector('[data-part=halt]').click();
  await stage('halted');
  await tell('stopped', { state: 'stopped' });
  await tell('working no more', { state: 'working', percent: 50, text: '4 of 8 rows' });
  home.querySelector('[data-part=again]').click();
  ask({ path: 'one' });
  await stage('after all');
  await tell('asked', { state: 'ask', seen: few });
  choose('Coding', 'from-zero');
  await stage('said');
  ask({ path: 'one' });
  await stage('read again');
  await tell('answered', answer(4, { doubtful: 1, outcomes: measure, seen: { ...few, questions: [],
    converted: ['chol in mmol/l', 'sex as it is'] } }));
  change({ threshold: 0.3 + 1e-10 });
  await stage('hardly another threshold');
  change({ threshold: 0.995 });
  await stage('another threshold');
  ask({ path: 'two', orig_name: 'two.csv' });
  await stage('another file');
  show();
  await stage('the answer to the one before');
  await tell('refused', { state: 'error', message: 'No rows.' });
  await tell('refused without a word', { state: 'error' });
  ask(null);
  await stage('taken away');
  change({ threshold: 0.42 });
  await stage('no file, another threshold');
  return looks;
}
