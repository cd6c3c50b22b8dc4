// One patient as a text to copy, or as a sheet of paper with the page's pictures.
import { styledCopy } from '../../charts/save.js';
import { node } from '../../page/dom.js';
import { decision } from '../decision.js';
import { agreement, decide, headline, interval, percent, unknownFields } from './sentences.js';

export function summarise(answer) {
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

export function printSummary(text) {
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
