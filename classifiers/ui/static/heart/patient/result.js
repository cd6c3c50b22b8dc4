// One patient's risk: people, strip, decision at the threshold, and its slider. Python computed it
// and what stands beside it; the threshold is the one of the whole tab, and moving it looks up a
// row of the study's record.
import { offerToSave } from '../../charts/figure.js';
import { node, partsOf } from '../../page/dom.js';
import { watchWords } from '../../page/words.js';
import { backToTheory, begin, decision, slide, thresholdFor, watch } from '../decision.js';
import { compareRows, compareTable } from './compare.js';
import { drawPeople, ofHundred } from './people.js';
import { agreement, asCosts, count, decide, headline, interval, onceKnown, percent, stepAt,
  tooLittle, unknownFields, valueText } from './sentences.js';
import { dismiss, release, replace, take, undo, watchPatient } from './state.js';
import { drawStrip } from './strip.js';
import { offerActions } from './summary.js';

export function start({ element, props }) {
  const result = new Result(element);
  const show = () => {
    if (!props.value) return;
    const answer = JSON.parse(props.value);
    if (answer.start) begin(answer.start);
    take(answer);
  };
  watchPatient((state) => result.show(state));
  watch(() => result.decide());
  show();
  return show;
}

class Result {
  constructor(element) {
    this.root = element.querySelector('.risk');
    this.part = partsOf(element);
    this.state = null;
    this.strip = null;
    this.width = 0;
    offerToSave(this.root, 'patient');
    offerActions(this.part);
    watchWords(this.root, 'heart');
    this.part('slider').addEventListener('input', ({ target }) =>
      slide(Number(target.value)));
    this.part('reset').addEventListener('click', backToTheory);
    new ResizeObserver(() => {
      if (this.part('strip').clientWidth !== this.width) this.draw();
    }).observe(this.root);
    new IntersectionObserver((seen) =>
      this.part('mini').classList.toggle('on', !seen.at(-1).isIntersecting && this.width > 0),
    { rootMargin: '-120px 0px 0px' }).observe(this.root);
  }

  show(state) {
    const drawn = this.state?.shown;
    this.state = { ...state };
    const { status, problem, shown } = state;
    this.root.dataset.state = shown ? status : problem ? 'error' : 'empty';
    this.root.setAttribute('aria-busy', status === 'waiting');
    this.write('message', problem?.message ?? '');
    if (!shown) return;
    this.write('notice', shown.answer.notice ?? '');
    if (drawn !== shown) this.say(shown.answer);
    this.draw();
  }

  write(name, text) {
    this.part(name).textContent = text;
  }

  // The former patient, once there is another one; of a sample, only its count.
  ghost() {
    const { before, shown } = this.state;
    return before && before.answer !== shown.answer ? before : null;
  }

  say(answer) {
    const [about, number] = count(answer);
    this.write('about', about);
    this.write('headline', number);
    this.write('low', answer.low_count);
    this.write('high', answer.high_count);
    this.write('about-interval', answer.about_interval);
    this.write('open', answer.outlook ? `Once ${unknownFields(answer)} known, it may be anything `
      + `from ${answer.outlook.low_count} to ${answer.outlook.high_count}.` : '');
    this.part('doubts').replaceChildren(...answer.doubts.map((text) => node('li', {}, text)));
    this.write('people-caption', `${headline(answer)} 90 % interval: ${interval(answer)}.`);
    this.write('strip-caption', `Each dot is a study patient${answer.study.known}, placed by the `
      + 'risk the model gave without having seen them. Hollow: called wrongly at this threshold.');
    this.write('record-title', `The study's patients at this threshold${answer.study.record}:`);
  }

  draw() {
    const { state } = this;
    this.width = this.part('strip').clientWidth;
    if (!state?.shown || !this.width) return; // as long as another tab is open
    const { answer } = state.shown;
    const ghost = this.ghost();
    const pictured = state.kept ?? (ghost?.quiet ? null : ghost);
    const moved = pictured && pictured.answer !== answer
      && ofHundred(pictured.answer.probability) !== ofHundred(answer.probability);
    const former = moved ? pictured.answer : null;
    this.showChange(ghost);
    this.part('legend').replaceChildren(...[['sick', 'narrowed'], ['well', 'not'],
      ['band', `${answer.low_count}–${answer.high_count}`],
      ...(former ? [['ghost', `${state.kept ? 'A' : 'before'}, ${former.count}`]] : []),
    ].map(([kind, text]) => node('span', {}, node('i', { class: `key ${kind}` }), text)));
    this.part('people').replaceChildren(drawPeople(answer, former?.probability ?? null,
      this.part('people').clientWidth, `${ofHundred(answer.probability)} of 100 persons filled; `
      + `the interval runs from ${interval(answer)}`));
    this.strip = drawStrip(this.width, { answer,
      ghosts: former ? [{ risk: former.probability, name: state.kept ? 'A' : '' }] : [],
      label: `Risks of the study's patients, ${answer.study.sick.length} with disease above and `
        + `${answer.study.well.length} without below; this patient at ${answer.count} %` });
    this.part('strip').replaceChildren(this.strip.svg);
    this.decide();
  }

  showChange(ghost) {
    const place = this.part('change');
    place.hidden = !ghost;
    if (!ghost) return;
    const { shown, unit } = this.state;
    const [old, now] = [ghost.answer, shown.answer];
    const changed = Object.keys(now.labels).filter((name) =>
      ghost.values[name] !== shown.values[name]);
    const what = changed.length > 2 ? [node('b', {}, `${changed.length} fields changed`)]
      : changed.flatMap((name, i) => [i ? '; ' : '', node('b', {}, now.labels[name]),
        ` ${valueText(old, name, unit)} → ${valueText(now, name, unit)}`]);
    const moved = old.count === now.count ? [': still ', node('b', {}, now.count)]
      : [`: was ${old.count}, now `, node('b', {}, now.count)];
    place.replaceChildren(...what, ...moved, '. ', button('Undo', undo),
      button('Dismiss', dismiss));
  }

  // All that hangs on the threshold.
  decide() {
    if (!this.strip || !decision()) return;
    const { threshold, miss, alarm } = decision();
    const { answer } = this.state.shown;
    const said = decide(answer, threshold);
    this.strip.cut(threshold);
    const slider = this.part('slider');
    slider.value = Math.round(100 * threshold);
    slider.style.setProperty('--at', threshold);
    slider.setAttribute('aria-valuetext', percent(threshold));
    this.write('threshold', `Threshold ${percent(threshold)}`);
    this.write('costs', asCosts(threshold, { miss, alarm }));
    const theory = thresholdFor({ miss, alarm });
    this.part('reset').hidden = threshold === theory;
    this.write('reset', `back to ${percent(theory)}`);
    this.showDecision(answer, said, threshold);
    this.showRecord(answer, said, threshold);
    this.showCompared(threshold);
    this.part('mini').replaceChildren(node('span', {}, node('b', {}, answer.count),
      ' of 100 ', node('span', { class: 'muted' }, `(${interval(answer)})`)),
    node('span', {}, said.words));
  }

  showDecision(answer, said, threshold) {
    const withheld = said.called === null;
    this.part('decide').dataset.decision = withheld ? 'withheld' : said.called ? 'sick' : 'well';
    this.part('decision').replaceChildren(...(withheld ? ['Too little is known for a decision.']
      : [`At ${percent(threshold)}: `, node('span', {}, said.called ? 'disease called'
        : 'no disease called'), said.others ? ', narrowly.' : '.']));
    this.write('agreement', withheld ? tooLittle(answer, threshold)
      : `${agreement(answer, said.others)} ${onceKnown(answer, threshold)}`);
    const first = answer.outlook?.ask_first;
    this.part('ask').replaceChildren(...(first ? ['Ask first for: ', node('b', {}, first), '.']
      : []));
  }

  showRecord(answer, said, threshold) {
    const { found, alarms, foundShare, alarmShare, called, left } = stepAt(answer.study, threshold);
    const { sick, well } = answer.study;
    this.part('record').replaceChildren(
      bar('sick', `${sick.length} with disease`, [found, 'found'], [sick.length - found, 'missed'],
        foundShare),
      bar('well', `${well.length} without`,
        [alarms, alarms === 1 ? 'false alarm' : 'false alarms', 'false alarms'],
        [well.length - alarms, 'left alone'], alarmShare));
    const share = said.called === null ? null : said.called ? called : left;
    const [who, have] = said.called ? ['called', 'have the disease']
      : ['not called', 'have it all the same'];
    this.part('told').replaceChildren(...(share ? [`Of 100 study patients ${who} here, `,
      node('b', {}, share[0]), ` ${have} (${share[1]} to ${share[2]}).`] : []));
  }

  showCompared(threshold) {
    const { kept, shown } = this.state;
    const place = this.part('compare');
    place.hidden = !kept;
    if (!kept) return;
    const same = kept === shown;
    place.replaceChildren(same ? node('p', {}, 'This patient is kept as A. Change a field or take '
      + 'another sample: both will stand side by side here. ')
      : compareTable(compareRows(this.state, threshold)),
    node('p', {}, ...(same ? [] : [button('Back to A', () => replace(kept.values))]),
      button('Stop comparing', release)));
  }
}

function button(text, act) {
  const made = node('button', { type: 'button', class: 'quiet' }, text);
  made.addEventListener('click', act);
  return made;
}

// Two counts in words, and as the parts of a bar; the wrong ones hollow. The share is of 100.
function bar(kind, name, [first, firstWord, shareWord = firstWord], [second, secondWord],
  [value, low, high]) {
  const parts = [[first, kind === 'well'], [second, kind === 'sick']].map(([size, wrong]) => {
    const part = node('i', { class: wrong ? 'wrong' : '' });
    part.style.flex = `${size} 1 0`;
    part.hidden = !size;
    return part;
  });
  return node('div', { class: `share ${kind}` },
    node('p', {}, node('span', { class: 'who' }, name), ': ', node('b', {}, String(first)),
      ` ${firstWord}, `, node('b', {}, String(second)), ` ${secondWord}`),
    node('span', { class: 'bar', 'aria-hidden': 'true' }, ...parts),
    node('p', { class: 'muted of' }, `${value} of 100 ${shareWord} (${low} to ${high})`));
}
