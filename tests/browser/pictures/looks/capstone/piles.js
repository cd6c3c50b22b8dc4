// Worlds that nobody drew: as they are read, asked for and forgotten, and what stands below them.
async ({ arrays, regions, summary, none, details, briefs, row, fields }) => {
  const decode = await load('capstone/worlds/decode');
  const { Pile, countsOf, readPoints } = await load('capstone/worlds/pile');
  const { viewOf } = await load('capstone/worlds/columns');
  const { Doubts } = await load('capstone/worlds/doubts');
  const { Settings } = await load('capstone/worlds/settings');
  const { sentence } = await load('capstone/worlds/sentence');
  const looks = {};
  const read = {};
  for (const [name, message] of Object.entries(arrays)) {
    const { shape, values } = await decode.decodeArray(message);
    read[name] = [shape, Array.from(values)];
  }
  looks.read = JSON.stringify([read, await decode.decodeRegions(regions)]);
  const cube = await decode.decodeArray(arrays.u16);
  looks.at = [[0, 0, 0], [1, 2, 3], [1, 0, 2], [0, 2], [1], []].map((place) => decode.at(cube, ...place));

  // What is known of all, and what is asked for.
  const asked = [];
  const begin = (about = {}) => Pile.decode({ ...summary, ...about }, (...one) => asked.push(one));
  const pile = await begin();
  const held = ({ rows, shipped, drawn, last, range, ticks: at, best, others, votes, rule }) => ({ rows,
    shipped, drawn, last, range, at, best, others, votes, rule });
  looks.pile = held(pile);
  looks['no world yet'] = held(await Pile.decode(none, () => {}));
  looks['axes of dots'] = [[0.0049, 0.9], [0.5551], [0.64499, 0.99], [0.645, 0.99], [0.99, 0.98],
    [...new Array(58).fill(0.9), 0.31, 0.33], [0.1049]].map((ends) => {
    pile.rows = ends.map((end) => ({ fresh: [[0, end]], test: [[0.2, end]] }));
    pile.measure();
    return [pile.range, pile.ticks];
  });
  pile.rows = (await begin()).rows;
  const steps = [];
  const note = (about) => steps.push([about, [...asked.splice(0)], [...pile.details.keys()],
    [...pile.briefs.keys()], [...pile.waiting.keys()], pile.rows.length, pile.drawn]);
  pile.fetch([0, 1, 4, 5], true);
  note('briefly');
  pile.fetch([0, 2]);
  note('wholly');
  const heard = [];
  const wait = (k, ...how) => pile.world(k, ...how).then(
    (one) => heard.push([k, ...how, one.world, Boolean(one.temperature)]),
    (error) => heard.push([k, ...how, error.message]));
  wait(0, true);
  wait(1);
  wait(2);
  wait(4, true);
  await pile.take(briefs[0]);
  await pile.take(briefs[1]);
  note('two came briefly');
  await pile.take(details[2]);
  wait(0, true);
  wait(2, true);
  await pile.take(details[1]);
  note('two came wholly');
  pile.giveUp([4, 3], 'It is gone.');
  pile.fetch([4], true);
  note('given up');
  await until(() => heard.length === 6);
  pile.fetch([0, 1, 2], true);
  pile.drawn = 4;
  pile.forget(5);
  note('nothing forgotten');
  pile.forget(2);
  note('forgotten from the third on');
  pile.drawn = 1;
  await pile.append(row);
  note('one more');
  steps.push([pile.rows.at(-1), pile.range, heard]);
  looks.steps = steps;
  pile.drawn = 3;
  looks.counts = [0, 3].map((frame) => countsOf(pile, frame));
  looks.points = readPoints(await decode.decodeArray(details[0].points));
  looks.detail = { ...await pile.take(details[0]), price: null, test_rows: null };
  looks.view = { whole: { ...viewOf(pile, 0), detail: null, regions: null, points: null },
    brief: { ...viewOf(pile, 1), detail: null, regions: null, points: null } };
  const say = (...about) => {
    const place = document.createElement('p');
    place.append(...sentence(...about));
    return place.innerHTML;
  };
  const only = { ...pile, drawn: 1, last: 3 };
  const one = (test, fresh) => ({ accuracy: { test, fresh } });
  looks.sentences = [
    say(only, one([[0.1, 0.5], [0.2, 0.5], [0.9]], [[0.4, 0.6], [0.3, 0.61], [0.8]]), 3),
    say(only, one([[0.1, 0.51], [0.2, 0.5]], [[0.4, 0.61], [0.3, 0.6]]), 1),
    say({ ...only, epochs: [0, 1, 10, 2000] }, one([[0.1], [0.2]], [[0.4], [0.4]]), 3),
    say({ ...pile, drawn: 2, last: 3 }, null, 2)];

  // Below the columns.
  document.body.innerHTML = `<style>svg { width: 100%; display: block }</style><div style="width:900px">${
    ['budget-title', 'budget-sub', 'findings', 'table', 'size-value', 'size-said', 'reliability-title',
      'temperature-value', 'panels', 'best-temperatures'].map((name) => `<div data-part="${name}"></div>`)
      .join('')}<input type="range" data-part="size" value="2" max="9"><input type="range" max="9"
      data-part="temperature"><svg data-part="budget"></svg></div>`;
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const chosen = [];
  const doubts = new Doubts(document.body, part, (world) => chosen.push(world));
  const told = () => [...document.querySelectorAll('[data-part]')].filter((place) =>
    !['table', 'panels', 'best-temperatures'].includes(place.dataset.part)).flatMap((place) => lines(place));
  const fresh = await begin();
  for (const k of [0, 1]) await fresh.take(details[k]);
  doubts.begin(fresh);
  doubts.draw(fresh, viewOf(fresh, 1));
  looks.doubts = [told(), lines(part('table')), lines(part('panels')), lines(part('best-temperatures'))];
  part('size').value = 2;
  part('size').dispatchEvent(new Event('input'));
  looks['more test points'] = told();
  part('temperature').value = 0;
  part('temperature').dispatchEvent(new Event('input'));
  looks['more sure'] = lines(part('panels'));
  part('budget').querySelector('[data-world="3"]').dispatchEvent(new MouseEvent('click', { bubbles: true }));
  doubts.draw(fresh, viewOf(fresh, 0));
  looks['another world'] = [told(), chosen, part('temperature').value];
  const few = await begin({ budget: undefined, budget_worlds: undefined, budget_heading: undefined,
    findings: undefined, variance_findings: undefined });
  await few.take(details[0]);
  doubts.begin(few);
  doubts.draw(few, viewOf(few, 0));
  looks['of few worlds'] = [told(), part('temperature').value];
  few.budget = fresh.budget;
  doubts.draw(few, viewOf(few, 0));
  looks['of the worlds that ship'] = part('budget-sub').textContent;
  looks.shares = [0, 0.004, 0.005, 0.0051, 0.996, 1].map((share) => {
    const view = viewOf(few, 0);
    const luck = { ...view.detail.test_points_luck, ranks: { shape: [3, 3, 3], values: new Array(27).fill(share) } };
    doubts.draw(few, { ...view, detail: { ...view.detail, test_points_luck: luck } });
    return part('size-said').textContent;
  });

  looks['how wide the axis is'] = [[0, 0.2], [0, 0.9], [1, 0.9]].map(([k, least]) => {
    const view = viewOf(fresh, k);
    const luck = { ...view.detail.test_points_luck, low: { shape: [3, 3], values: new Array(9).fill(least) } };
    doubts.draw(fresh, { ...view, detail: { ...view.detail, test_points_luck: luck } });
    return [...part('budget').querySelectorAll('.rule')].map((one) => one.getAttribute('x1')).slice(0, 3);
  });

  // A visitor's own settings.
  const form = document.createElement('form');
  document.body.replaceChildren(form);
  const changes = [];
  const settings = new Settings(form, fields, (values) => changes.push(values));
  looks.settings = [lines(form), settings.values(), settings.text()];
  const boxes = [...form.querySelectorAll('input')];
  const change = (box, value) => {
    box.value = value;
    box.dispatchEvent(new Event('change'));
  };
  change(boxes[0], '7');
  change(boxes[1], '');
  settings.tell({ field: boxes[1].dataset.key, text: 'It is empty.' });
  looks['settings, wrong'] = [lines(form), settings.text()];
  settings.tell({ field: 'other', text: 'Elsewhere.' });
  looks['settings, wrong elsewhere'] = lines(form).filter((line) => /aria-invalid|wrong/.test(line));
  settings.tell({ field: boxes[0].dataset.key, text: 'It is seven.' });
  settings.tell(null);
  looks['settings, right'] = lines(form).filter((line) => /aria-invalid|wrong/.test(line));
  form.querySelector('button').click();
  const sent = new Event('submit', { cancelable: true });
  form.dispatchEvent(sent);
  looks['settings, as at first'] = [changes, settings.text(), sent.defaultPrevented];
  return looks;
}
