// The figures, findings, matrix and answers of made-up moments.
async () => {
  const { answerOf } = await load('playground/results/answer');
  const { Figures } = await load('playground/results/figures');
  const { findingsOf } = await load('playground/results/findings');
  const { matrixOf } = await load('playground/results/matrix');
  const { Slot } = await load('playground/results/slot');
  const looks = {};
  const named = ['ill', 'well', 'unsure'];
  const moment = (epoch, confusion, about = {}) => ({ epoch, key: epoch, confusion, ...about });

  const matrix = (confusion, about = {}) => matrixOf({ film: madeFilm({ classes: confusion?.length,
    ...about }), moment: { confusion } });
  looks.matrix = { one: matrix([[7, 0, 3], [2, 40, 1], [0, 0, 0]]),
    'mean of five': matrix([[6.04, 0.1], [3, 12.25]], { members: 5, names: ['class 0', 'well'] }),
    'of two': matrix([[1, 0], [0, 5]], { members: 2 }), none: matrix(null) };

  looks.answers = {};
  const weights = { sizes: [2, 1], activation: 'relu', outputs: 'one_logit', features: ['x1', 'x2'] };
  for (const [name, [about, logits, probabilities, said, place]] of Object.entries({
    alone: [{}, [-1.5, 3, 0.04], [0.1, 0.85, 0.05], [1], { x: -1.234, y: 0.5 }],
    right: [{ members: 3 }, [4, -8, 2], [0.6, 0.3, 0.1], [0, 1, 0], { x: 1, y: 2, label: 0, part: 0 }],
    wrong: [{ members: 2, names: named }, [0, 0, 0], [0.2, 0.3, 0.5], [2, 2],
      { x: 1, y: -0.001, label: 1, part: 1 }],
    'of validation': [{}, [1, 2, 3], [0.2, 0.3, 0.5], [2], { x: 1, y: 2, label: 2, part: 2 }],
    'one logit': [{ classes: 2, weights }, [-0.3], [0.574, 0.426], [0], { x: 0, y: 0 }],
    'one logit, the other': [{ classes: 2, weights, names: named }, [7], [0.01, 0.99], [1],
      { x: 0, y: 0, label: 0, part: 1 }] })) {
    let cleared = 0;
    const parts = answerOf({ reading: { film: madeFilm(about) }, place,
      asked: { logits, probabilities, said } }, () => { cleared += 1; });
    press(parts[0].querySelector('.link'));
    looks.answers[name] = [cleared, ...parts];
  }

  const rows = [[0, 10, 20, 30], [2, 1, 0.7, 0.5], [2.1, 1.2, 0.9, 0.8], [0.3, 0.71, 0.95, 0.96],
    [0.25, 0.68, 0.899, null]];
  const rings = [0, 1, 1, 2, 1, 0].map((part) => ({ x: 0, y: 0, label: 0, part }));
  looks.figures = {};
  const told = (figures) => [...figures.root.children].map(({ textContent }) => textContent);
  const figures = new Figures();
  const film = madeFilm({ rows, points: rings, moments: [moment(0), moment(10, [[8, 2], [1, 9.6]]),
    moment(20), moment(30)], bayes_accuracy: 0.913, result: { fresh_accuracy: 0.877,
    bayes_accuracy: 0.5 } });
  film.moments.forEach((one) => {
    figures.draw({ film, moment: one });
    const before = figures.root.firstElementChild;
    figures.draw({ film, moment: one });
    looks.figures[`at ${one.epoch}`] = [...told(figures), before === figures.root.firstElementChild];
  });
  looks.figures.drawn = lines(figures.root);
  const steps = [];
  const change = (what, act) => {
    act();
    const before = figures.root.firstElementChild;
    figures.draw({ film, moment: film.moments.at(-1) });
    steps.push([what, before !== figures.root.firstElementChild, ...told(figures)]);
  };
  change('test', () => { film.rows.test_accuracy.mean[3] = 0; });
  change('training', () => { film.rows.train_accuracy.mean[3] = 0.5; });
  change('matrix', () => { film.moments.at(-1).confusion = [[5, 5], [5, 5.4]]; });
  change('best', () => { film.start.bayes_accuracy = undefined; });
  change('fresh', () => { film.result = { fresh_accuracy: 0.5, bayes_accuracy: 0.75 }; });
  change('no test points', () => { film.moments.at(-1).confusion = [[0, 0], [0, 0]]; });
  change('nothing', () => { film.result = null; });
  change('all right', () => {
    film.rows.test_accuracy.mean[3] = 1;
    film.moments.at(-1).confusion = [[50, 0], [0, 50]];
  });
  looks.figures.changed = steps;

  const none = [[false, false, false], [false, false]];
  const says = (about = {}) => {
    const { at = 20, confusion, dead = none, broken = false, own = {} } = about;
    const of = madeFilm({ rows: about.rows ?? [[0, 20], [1, 1], [1, 1], [0, 0.9], [0, 0.875]], ...own });
    of.moments = [moment(0), moment(at, confusion)];
    return findingsOf({ film: of, moment: of.moments.at(about.last === false ? 0 : 1), broken, dead });
  };
  const gap = (train, test) => [[0, 20], [1, 1], [1, 1], [0, train], [0, test]];
  const Judged = ['Test accuracy is 90 %.', 'Class 1 is best.', 'Class 0 and 2 are next.', 'Third.',
    'Fourth of class 1.'];
  const row = (gone, all) => Array.from({ length: all }, (_, i) => i < gone);
  looks.findings = { judged: says({ own: { result: { findings: Judged } } }),
    'judged, of names': says({ own: { names: named, result: { findings: Judged } } }),
    'judged as a whole': says({ last: false, own: { result: { findings: Judged } } }),
    'no judgement': says({ own: { result: {} } }), broken: says({ broken: true, at: 0 }),
    'at first': says({ at: 0 }), 'a small gap': says({ rows: gap(0.3, 0.25), confusion: null }),
    'the least gap': says({ rows: gap(0.751, 0.7) }), 'a gap': says({ rows: gap(0.988, 0.7) }),
    'test is better': says({ rows: gap(0.7, 0.9) }),
    'a third is dead': says({ dead: [row(1, 3), row(2, 6)] }),
    'more than a third': says({ dead: [row(2, 5), row(0, 4), row(3, 8)] }),
    'one of two': says({ dead: [row(1, 2), row(2, 2)] }),
    'a whole layer': says({ dead: [row(2, 5), row(4, 4), row(1, 1)], rows: gap(1, 0.5) }),
    'no layer': says({ dead: [] }),
    hardest: says({ confusion: [[8, 2, 1], [1, 4, 7], [0, 0, 9]] }),
    'mistaken for two': says({ confusion: [[6, 2, 2], [1, 9, 0], [0, 0, 9]], own: { names: named } }),
    'hardest are two': says({ confusion: [[5, 5, 0], [1, 9, 0], [5, 0, 5]] }),
    'hardest are all': says({ confusion: [[1, 1], [1, 1]] }),
    'none of a class': says({ confusion: [[0, 0, 0], [1, 3, 2], [0, 0, 9]] }),
    'all are found': says({ confusion: [[3, 0], [0, 4]] }),
    'none is found': says({ confusion: [[0, 4], [1, 3]] }),
    'four things': says({ dead: [row(4, 4), row(2, 5), row(2, 3)], rows: gap(0.9, 0.8),
      confusion: [[1, 2], [0, 3]] }) };

  const root = room(500, 300);
  let cleared = 0;
  const slot = new Slot(root, () => { cleared += 1; });
  const shown = madeFilm({ rows, points: rings });
  shown.moments = [moment(0, [[3, 1], [2, 4]]), moment(10, [[3, 1], [2, 4]]), moment(20)];
  const asked = { logits: [1, 2, 3], probabilities: [0.2, 0.3, 0.5], said: [2] };
  looks.slot = [];
  const draw = (what, k, about = {}, act = () => {}) => {
    act();
    const before = slot.body.firstElementChild;
    slot.draw({ reading: { film: shown, moment: shown.moments[k], dead: none }, asked: null,
      place: null, ...about });
    looks.slot.push([what, before === slot.body.firstElementChild, root.className,
      slot.body.className, ...[...slot.body.children].map((e) => `${e.localName} ${e.className}: ${
        e.textContent}`)]);
  };
  draw('at first', 0);
  draw('again', 0);
  draw('asked', 0, { asked, place: { x: 1, y: 2 } });
  draw('asked elsewhere', 0, { asked, place: { x: 2, y: 1 } });
  press(slot.body.querySelector('.link'));
  draw('no more', 0);
  draw('others', 1);
  draw('no matrix', 2);
  draw('no matrix, again', 2);
  draw('named', 1, {}, () => { shown.start.names = named; });
  draw('several', 1, {}, () => { shown.start.members = 4; });
  draw('another matrix', 1, {}, () => { shown.moments[1].confusion = [[3, 2], [2, 4]]; });
  looks.slot.push(cleared, lines(root).slice(0, 3));
  return looks;
}
