// The Patient tab, its panels together: what is pressed and typed, of answers that are made here.
async ({ html, settings, patients }) => {
  const looks = {};
  const pass = clock(200);
  const seen = [];
  window.IntersectionObserver = class {
    constructor(call, about) { seen.push([call, JSON.stringify(about)]); }

    observe() { seen.at(-1).push(true); }
  };
  const labels = { age: 'Age', sex: 'Sex', chol: 'Cholesterol', fbs: 'Fasting sugar' };
  const edges = [0.2, 0.45, 0.7, 0.9, 0.05, 0.1, 0.3, 0.6];
  const study = { key: 'all', known: ' of all', record: ', all', sick: [0.2, 0.45, 0.7, 0.9, 0.9],
    well: [0.05, 0.1, 0.2, 0.3, 0.6, 0.65], steps: Array.from({ length: edges.length + 2 }, (_, i) =>
      [Math.max(0, 5 - i), [6, 5, 1, 0][i] ?? 0, 91, 80, 99.5, 30, 0.5, 44, i > 8 ? -1 : 62 + i, 50, 71,
        i ? 12 : -1, 3, 25]) };
  const answer = (number, patient, more = {}) => ({ state: 'ok', number, labels, notes: {},
    patient: { ...patient }, values: { age: `${patient.age} years`, sex: `sex ${patient.sex}`,
      chol: `${patient.chol} mg/dl`, fbs: `sugar ${patient.fbs}` },
    mmol: { chol: `${(patient.chol / settings.mmol).toFixed(1)} mmol/l` }, probability: 0.414,
    low: 0.2, high: 0.62, count: '41', low_count: '20', high_count: '62',
    about_interval: 'what it is', refits: [0.38, 0.41, 0.5, 0.3, 0.7], withheld: false, known: 4,
    fields: 4, doubts: [], summary: ['Age: as it is'], study: { key: 'all' }, outlook: null, ...more });
  const outlook = { low: 0.1, high: 0.8, low_count: '10', high_count: '80', ask_first: 'Age',
    crossing: Array.from({ length: 101 }, (_, i) => i + 100) };
  const likely = { probability: 0.876, low: 0.7, high: 0.95, count: '88', low_count: '70',
    high_count: '95', refits: [0.8, 0.9, 0.85] };
  const [first, second] = [{ age: 61, sex: 1, chol: 240, fbs: 0 },
    { age: 40, sex: 0, chol: 200, fbs: null }];
  const step = (field, from, to) => ({ fields: [field], label: labels[field], value: `${field} own`,
    from, to, factor: `× ${to}`, up: to > from });
  const reasons = (values, more = {}) => ({ values, waterfall: { title: 'Why 41', lead: 'Leads.',
    small: 'Small ones.', unknown: values.fbs === null ? ['Fasting sugar', 'Slope'] : [],
    label: `to ${values.age}`, csv: `of ${values.age}`, start: { at: -0.2, text: '45 %' },
    end: { at: values.age / 60, text: `${values.age} %` }, range: [-0.5, 1.6], steps: [step('age', -0.2,
      1.3), step('chol', 1.3, values.age / 60)], each: { age: 0.7, chol: -0.3, sex: 0, fbs: 0 },
    ticks: [{ at: 0, text: '50' }] },
  pairs: { title: 'Pairs', lead: 'Two fields.', note: 'A note.', tables: [{ title: 'Age and sex',
    factor: '× 1.4', rows: ['61', '40'], columns: ['male', 'female'], risks: [['41 %', '20 %'],
      ['30 %', '12 %']], added: '9 %', note: 'No more.' }], ...more.pairs },
  oddness: { title: 'Usual', text: 'Like others.', share: 0.3, limit: 0.9 },
  fields: [{ field: 'age', label: 'Age', own: '61 years', notes: ['One.'], alt: 'by age',
    values: [30, 60], probability: [0.1, 0.4], low: [0.05, 0.3], high: [0.2, 0.5],
    at: { value: 61, probability: 0.41 }, histogram: null },
  { field: 'sex', label: 'Sex', notes: [], options: [{ label: 'male', probability: 0.4, low: 0.3,
    high: 0.5, risk: '40', interval: '30 to 50', own: true, seen: null }] },
  { field: 'chol', label: 'Cholesterol', own: '240 mg/dl', notes: ['Up to 120 mg/dl, or over '
    + '120 mg/dl, of 96.7 mg/dl.'], alt: 'by chol', values: [150, 300], probability: [0.3, 0.5],
  low: [0.2, 0.4], high: [0.4, 0.6], at: { value: 240, probability: 0.41 },
  histogram: { edges: [100, 200, 400], with_disease: [3, 4], without_disease: [5, 2] } }],
  turning: { none: '', nowhere: 'nobody is called otherwise', spans: [{ above: 0, up_to: 0.25,
    text: 'an age of 30' }, { above: 0.25, up_to: 0.5, text: '' }, { above: 0.5, up_to: 1,
    text: 'over 120 mg/dl and 193.35 mg/dl' }] }, ...more.all });

  document.body.style.margin = '0';
  document.body.innerHTML = '<div id="patient"><div id="samples"></div><div id="form"></div>'
    + '<div id="risk" style="width: 480px"></div><div id="why" style="width: 600px"></div></div>';
  const place = (id) => document.querySelector(`#${id}`);
  place('samples').innerHTML = html.samples;
  place('form').innerHTML = html.form;
  for (const row of place('form').querySelectorAll('.row')) {
    if (!(row.dataset.field in labels) && row.dataset.field !== 'oldpeak') row.remove();
  }
  place('risk').innerHTML = html.result;
  place('why').innerHTML = html.panel;
  place('samples').firstElementChild.innerHTML = patients.map((one) =>
    `<button class="sample" data-patient='${JSON.stringify(one)}'>${one.age}</button>`).join('');
  const root = place('patient');
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const props = { samples: {}, form: { value: JSON.stringify({ patient: first }) },
    risk: { value: null }, why: { value: null } };
  const say = {};
  const begin = async (id, name) => {
    const { start } = await load(`heart/${name}`);
    say[id] = start({ element: place(id), props: props[id] }, settings);
  };
  const { patient } = await load('heart/patient/state');
  const { decision } = await load('heart/decision');
  let heard = props.form.value;
  const asking = () => {
    const asked = props.form.value === heard ? '' : props.form.value;
    heard = props.form.value;
    return asked;
  };
  let before = [];
  const look = async (name, draws = false) => {
    await pass(0, draws);
    const [now, news] = changed(root, before, '.person, circle.dot');
    before = now;
    looks[name] = [`asked ${asking()} of ${patient().number}, at ${decision()?.threshold}`,
      ...news];
  };
  const tell = async (name, value, id = 'risk') => {
    props[id].value = JSON.stringify(value);
    say[id]();
    await look(name);
  };
  const answered = async (values, more) => {
    await pass();
    props.risk.value = JSON.stringify(answer(patient().number, values, more));
    say.risk();
  };
  const told = async (name, values, more) => {
    await answered(values, more);
    await look(name);
  };
  const written = (field, text, event = 'change') => {
    const input = root.querySelector(`#field-${field} [type=text]`);
    input.value = text;
    input.dispatchEvent(new Event(event, { bubbles: true }));
  };
  const choose = (name, value) => root.querySelector(`[name=choice-${name}][value="${value}"]`).click();
  const press = (text) => [...root.querySelectorAll('button')].find((one) =>
    one.textContent === text && one.checkVisibility()).click();

  await begin('risk', 'patient/result');
  await begin('why', 'why/panel');
  await look('empty', true);
  await tell('no weights', { state: 'wrong', number: 0, message: 'No weights.', notes: {} });
  await tell('reasons before the form', reasons(first), 'why');
  await begin('samples', 'patient/samples');
  await begin('form', 'patient/form');
  await look('the form');
  await tell('answered', answer(0, first, { study, start: { threshold: 0.4, miss: 3, alarm: 2 } }));
  await tell('reasons', reasons(first), 'why');

  const read = [];
  const note = async (what, wait = 0) => {
    await pass(wait);
    const input = root.querySelector('#field-chol [type=text]');
    read.push(`${what}: ${JSON.stringify(patient().values)} ${patient().status} `
      + `${root.dataset.patient} box ${input.value} asked ${asking()}`);
  };
  for (const text of [' 62 ', '62,5', '+5', '-.5', '5.', '5 years', '1e3', '', 'x'.repeat(80), '1.2.3',
    '61']) {
    written('age', text);
    await note(`age ${text}`);
  }
  written('age', '6', 'input');
  await note('typing', 599);
  written('age', '64', 'input');
  await note('typing on', 599);
  await note('typed', 1);
  written('age', '65', 'input');
  written('age', '65');
  await note('typed and left');
  choose('unit', 'mmol/l');
  await note('mmol/l');
  for (const text of ['6.2', '6,4', '5', 'much', '']) {
    written('chol', text);
    await note(`cholesterol ${text}`);
  }
  const unknown = (field) => root.querySelector(`#field-${field} button`).click();
  unknown('chol');
  await note('cholesterol as it was');
  unknown('chol');
  await note('unknown');
  const key = async (field, name) => {
    const event = new KeyboardEvent('keydown', { key: name, cancelable: true });
    root.querySelector(`#field-${field} [type=text]`).dispatchEvent(event);
    await note(`${name} in ${field}, ${event.defaultPrevented}`, 300);
  };
  await key('chol', 'ArrowUp');
  for (const name of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'x']) await key('age', name);
  written('oldpeak', '1.9');
  await key('oldpeak', 'ArrowUp');
  await key('oldpeak', 'ArrowUp');
  choose('sex', '0');
  await note('a choice');
  choose('sex', '');
  await note('no choice');
  looks.read = read;
  await look('in mmol/l');
  written('chol', '7.1');
  await told('in mmol/l, changed', { ...first, chol: 275 });
  choose('unit', 'mg/dl');
  part('clear').click();
  await look('cleared');
  await told('nothing is known', second, { withheld: true, known: 0, outlook, doubts: ['One.', 'Two.'],
    notice: 'A link was read.', ...likely });
  const summaries = [];
  const summarised = () => {
    part('summary').click();
    part('close').click();
    summaries.push(...part('text').textContent.split('\n'), '');
  };
  summarised();
  await tell('reasons of nothing', reasons(second, { pairs: { tables: [] }, all: { turning: {
    none: 'No field is known.', nowhere: 'x', spans: [{ above: 0, up_to: 1, text: 'y' }] } } }), 'why');
  await tell('one field is not known', answer(patient().number, second, { known: 3, outlook }));
  summarised();
  looks.summaries = summaries;
  await told('refused', { ...second, age: 300 }, { state: 'wrong', message: 'Too old.',
    notes: { age: { text: 'up to 120', wrong: true }, sex: { text: 'rare' } } });

  [...root.querySelectorAll('.sample')][0].click();
  await look('a sample');
  await told('a sample, answered', first, likely);
  await tell('its reasons', reasons(first), 'why');
  [...root.querySelectorAll('.sample')][1].click();
  await told('another sample', second);
  written('age', '45');
  await look('another age');
  await told('another age, answered', { ...second, age: 45 }, likely);
  await tell('with a ghost', reasons({ ...second, age: 45 }), 'why');
  choose('sex', '1');
  await told('another sex: still so many', { ...second, age: 45, sex: 1 }, { ...likely,
    probability: 0.9 });
  press('Dismiss');
  await look('dismissed');
  written('age', '50');
  choose('fbs', '1');
  choose('sex', '0');
  await told('one of three changes', { age: 50, sex: 0, chol: 200, fbs: 1 });
  press('Undo');
  await look('undone');
  await told('undone, answered', { ...second, age: 50, fbs: 1, sex: 1 });
  part('keep').click();
  await look('kept');
  const others = { ...second, fbs: 1, sex: 1 };
  await tell('reasons of A', reasons({ ...others, age: 50 }), 'why');
  written('age', '52');
  await answered({ ...others, age: 52 });
  await tell('reasons of another', reasons({ ...others, age: 52 }), 'why');
  choose('sex', '0');
  await answered({ ...others, age: 52, sex: 0 });
  await tell('reasons of a third: A, not the one before', reasons({ ...others, age: 52, sex: 0 }), 'why');
  part('clear').click();
  await told('kept, and all cleared', { age: null, sex: null, chol: null, fbs: null }, likely);
  choose('unit', 'mmol/l');
  await look('kept, in mmol/l');
  choose('unit', 'mg/dl');
  press('Back to A');
  await look('back to A');
  await told('A', { ...second, age: 50, fbs: 1, sex: 1 });
  press('Stop comparing');
  await look('no longer compared');

  const slide = async (percent) => {
    part('slider').value = percent;
    part('slider').dispatchEvent(new Event('input'));
    await look(`at ${percent} %`);
  };
  for (const percent of [0, 20, 50, 71, 100, 41]) await slide(percent);
  part('reset').click();
  await look('back to theory');
  written('age', '51');
  choose('sex', '0');
  await told('two changes', { ...second, age: 51, fbs: 1, sex: 0 });
  press('Undo');
  await told('two undone', { ...second, age: 50, fbs: 1, sex: 1 });

  choose('fbs', '0');
  await told('no sugar', { ...second, age: 50, fbs: 0, sex: 1 });
  const copied = [];
  let allowed = true;
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => {
    if (!allowed) throw new Error('no');
    copied.push(text.replace(location.origin, ''));
  } } });
  for (const may of [true, false]) {
    allowed = may;
    part('link').click();
    await pass();
    copied.push(`done: ${part('done').textContent.replace(location.origin, '')}`);
    part('summary').click();
    part('copy').click();
    await pass();
    copied.push(`copied: ${part('copied').textContent}`, `open: ${part('dialog').open}`);
    part('close').click();
    copied.push(`open: ${part('dialog').open}`);
  }
  looks.copied = copied.flatMap((text) => text.split('\n'));
  const saved = [];
  URL.createObjectURL = (blob) => {
    saved.push([blob.type, blob.text()]);
    return 'data:,';
  };
  HTMLAnchorElement.prototype.click = function click() { saved.at(-1).push(this.download); };
  part('csv').click();
  looks.saved = await Promise.all(saved[0]);
  document.body.classList.add('dark');
  const append = document.body.append.bind(document.body);
  let paper = null;
  document.body.append = (frame) => {
    append(frame);
    paper = frame;
    if (frame.localName === 'iframe') {
      frame.contentWindow.print = () => { looks.printed = [`dark ${document.body.className}`,
        ...lines(frame.contentDocument.body).filter((line) => !/class="(person|dot )/.test(line))
          .map((line) => line.replace(/ (fill|stroke|font|paint|opacity|display)[a-z-]*="[^"]*"/g, ''))];
      };
    }
  };
  part('summary').click();
  part('print').click();
  part('close').click();
  paper.contentWindow.dispatchEvent(new Event('afterprint'));
  looks.printed.push(`then ${document.body.className}, ${paper.className}, ${paper.isConnected}`);
  document.body.append = append;
  document.body.classList.remove('dark');

  // Patients that were explained are remembered, up to a number of them.
  await tell('reasons again', reasons(first), 'why');
  const ages = [];
  for (const age of [100, 200]) {
    [...root.querySelectorAll('.sample')][0].click();
    await answered(first);
    written('chol', String(age));
    await answered({ ...first, chol: age });
    props.why.value = JSON.stringify(reasons({ ...first, chol: age }));
    say.why();
    for (let k = 0; k < (age === 100 ? 31 : 32); k += 1) {
      props.why.value = JSON.stringify(reasons({ ...first, age: age + k }));
      say.why();
    }
    written('age', String(age));
    await answered({ ...first, chol: age, age });
    ages.push(`${root.querySelector('.why').dataset.state}: ${part('ghost').textContent}`);
  }
  looks.remembered = ages;
  const sight = (...each) => {
    seen[0][0](each.map((isIntersecting) => ({ isIntersecting })));
    return `${each}: ${part('mini').className} ${seen[0].slice(1)}`;
  };
  place('risk').style.display = 'none';
  await pass(0, true);
  looks['in sight'] = [`of another tab, ${sight(false)}`];
  place('risk').style.display = '';
  await pass(0, true);
  looks['in sight'].push(sight(true), sight(false), sight(false, true), sight(true, false));
  const strip = part('strip').firstElementChild;
  await pass(0, true);
  looks['drawn once'] = strip === part('strip').firstElementChild;
  const words = part('headline').firstChild;
  for (const unit of ['mmol/l', 'mg/dl']) choose('unit', unit);
  looks['said once'] = words === part('headline').firstChild;
  place('why').style.width = '400px';
  place('risk').style.width = '200px';
  await look('narrow', true);
  location.hash = '#patient?age=3';
  await new Promise((done) => { addEventListener('hashchange', done, { once: true }); });
  await look('a link');
  place('risk').innerHTML = html.result;
  props.risk.value = JSON.stringify(answer(patient().number, { ...second, age: 77 }));
  await begin('risk', 'patient/result');
  looks['an answer that stands there'] = `${root.dataset.patient} ${patient().values.age} `
    + `${part('headline').textContent}`;
  return looks;
}
