// What can be done with the patient that is shown: kept to compare, linked to, written down,
// printed. A link is made when it is asked for, and only then.
import { styledCopy } from '../../charts/save.js';
import { node } from '../../page/dom.js';
import { decision } from '../decision.js';
import { agreement, decide, headline, interval, percent, unknownFields } from './sentences.js';
import { keep, patient, watchPatient } from './state.js';

export function offerActions(part) {
  const dialog = part('dialog');
  part('keep').addEventListener('click', keep);
  part('link').addEventListener('click', () =>
    copyText(linkTo(patient().values), part('done'), 'Link copied.'));
  part('summary').addEventListener('click', () => {
    part('text').textContent = summarise(patient().shown.answer);
    part('copied').textContent = '';
    dialog.showModal();
  });
  part('copy').addEventListener('click', () =>
    copyText(part('text').textContent, part('copied'), 'Copied.'));
  part('print').addEventListener('click', () => printSummary(part('text').textContent));
  part('close').addEventListener('click', () => dialog.close());
  watchPatient(({ status, kept, shown }) => {
    part('done').textContent = '';
    for (const name of ['link', 'summary']) part(name).disabled = status !== 'now';
    part('keep').disabled = status !== 'now' || kept === shown;
  });
}

function linkTo(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null);
  return `${location.origin}${location.pathname}#patient?${new URLSearchParams(known)}`;
}

// Where a browser lets nobody copy, the text itself is shown.
async function copyText(text, place, done) {
  try {
    await navigator.clipboard.writeText(text);
    place.textContent = done;
  } catch {
    place.textContent = text;
  }
}

function summarise(answer) {
  const { threshold } = decision();
  const { words, called, others } = decide(answer);
  const lines = [headline(answer), `90 % interval: ${interval(answer)}.`];
  if (answer.outlook) {
    lines.push(`Once ${unknownFields(answer)} known, it may be anything from `
      + `${interval(answer.outlook)}.`);
  }
  lines.push(`At a threshold of ${percent(threshold)}: ${words}.`
    + (called === null ? '' : ` ${agreement(answer, others)}`));
  return [...lines, ...answer.doubts, '', ...answer.summary].join('\n');
}

function printSummary(text) {
  const frame = node('iframe', { class: 'paper', 'aria-hidden': 'true' });
  document.body.append(frame);
  const { contentDocument: paper, contentWindow } = frame;
  paper.body.style.cssText = 'font: 11pt/1.45 system-ui, sans-serif; margin: 0; color: #000';
  const words = node('pre');
  words.textContent = text;
  words.style.cssText = 'font: inherit; white-space: pre-wrap';
  paper.body.append(words);
  const isDark = document.body.classList.contains('dark');
  document.body.classList.remove('dark'); // paper is white
  for (const svg of document.querySelectorAll('#risk figure svg')) {
    const { width, height } = svg.viewBox.baseVal;
    const copy = styledCopy(svg);
    copy.setAttribute('width', width);
    copy.setAttribute('height', height);
    copy.style.cssText = 'display: block; margin-top: 8mm; max-width: 100%';
    paper.body.append(copy);
  }
  document.body.classList.toggle('dark', isDark);
  contentWindow.addEventListener('afterprint', () => frame.remove());
  contentWindow.print();
}
