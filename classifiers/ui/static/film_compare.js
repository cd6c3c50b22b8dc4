// A player for two runs kept in the page, with the settings that differ.
const player = new Player();
part('empty').hidden = true;
part('keep').hidden = true;
const chosen = [0, 1];

function listRuns() {
  const shelf = window.keptRuns || [];
  const [empty, pickers] = [part('compare-empty'), part('compare-pickers')];
  empty.hidden = shelf.length > 0;
  pickers.hidden = shelf.length < 2;
  if (!shelf.length) return;
  chosen[0] = Math.max(0, shelf.length - 2);
  chosen[1] = shelf.length - 1;
  for (const [side, name] of ['first', 'second'].entries()) {
    const options = shelf.map((run, i) => node('option', { value: i }, `${i + 1}. ${run.start.title}`));
    part(name).replaceChildren(...options);
    part(name).value = chosen[side];
  }
  compareRuns();
}

function compareRuns() {
  const shelf = window.keptRuns;
  const runs = [...new Set(chosen)].map((i) => shelf[i]);
  player.lend(runs);
  const rows = [];
  const tell = (name, values, result) => {
    const differ = new Set(values).size > 1;
    if (!differ && !result) return;
    const cells = values.map((value) => node('td', {}, value ?? 'none'));
    rows.push(node('tr', { class: differ && !result ? 'differs' : '' },
      node('th', { scope: 'row' }, name), ...cells));
  };
  const names = (of) => [...new Set(runs.flatMap((run) => Object.keys(of(run) || {})))];
  for (const name of names((run) => run.start.settings)) {
    tell(name, runs.map((run) => run.start.settings[name]), false);
  }
  const differing = rows.length;
  for (const name of names((run) => run.result && run.result.rows)) {
    tell(name, runs.map((run) => run.result && run.result.rows[name]), true);
  }
  part('differences').textContent = runs.length < 2 ? 'Keep a second run to compare.'
    : differing ? 'Settings that differ are marked; all others are the same.'
      : 'All settings are the same.';
  part('table').replaceChildren(...rows);
}

for (const [side, name] of ['first', 'second'].entries()) {
  part(name).addEventListener('change', (event) => {
    chosen[side] = Number(event.target.value);
    compareRuns();
  });
}
document.addEventListener('runs-kept', listRuns);
listRuns();
