// The sentences about one patient's risk: headline, interval, decision, what is unknown. The counts
// come from Python; a threshold is compared with the risk, and with each widened refit's.
import { decision, thresholdFor } from '../decision.js';

export const percent = (share) => `${Math.round(100 * share)} %`;

// "about 41", "fewer than 1", "more than 99"
export function count({ count: text }) {
  if (text.startsWith('under')) return ['fewer than', '1'];
  return text.startsWith('over') ? ['more than', '99'] : ['about', text];
}

// A field's value as text, in the unit that the form shows.
export function valueText({ values, mmol }, field, unit) {
  return (unit === 'mmol/l' && mmol[field]) || values[field];
}

export function headline(answer) {
  return `Of 100 such patients sent to angiography, ${count(answer).join(' ')} would have a `
    + 'narrowing over one half.';
}

export function interval({ low_count: low, high_count: high }) {
  return `${low} to ${high}`;
}

export function unknownFields({ known, fields }) {
  const left = fields - known;
  return left === 1 ? 'the unknown field is' : `the ${left} unknown fields are`;
}

// What the model says of a patient at a threshold: `words`, and whether disease is `called`, null
// where too little is known; `others`, the widened refits that say otherwise.
export function decide(answer, threshold = decision().threshold) {
  const over = answer.probability >= threshold;
  const others = answer.refits.filter((risk) => (risk >= threshold) !== over).length;
  if (answer.withheld) return { called: null, over, others, words: 'too little is known' };
  const words = over ? 'disease called' : 'no disease called';
  return { called: over, over, others, words: others ? `${words}, narrowly` : words };
}

export function tooLittle(answer, threshold) {
  const { known, fields } = answer;
  return `${known || 'None'} of ${fields} fields ${known === 1 ? 'is' : 'are'} known. `
    + onceKnown(answer, threshold);
}

// What the fields that are unknown could still do to the decision.
export function onceKnown({ known, fields, outlook }, threshold) {
  if (!outlook) return '';
  const left = fields - known;
  const rest = !known ? 'they' : left === 1 ? 'the other one' : `the other ${left}`;
  const crossing = outlook.crossing[Math.round(100 * threshold)];
  return `Were ${rest} known, ${crossing} of 100 such patients would fall on the other side of `
    + `${percent(threshold)}.`;
}

export function agreement({ refits }, others) {
  if (!others) return `All ${refits.length} widened refits agree.`;
  return `${others} of the ${refits.length} widened refits ${others === 1 ? 'falls' : 'fall'} on `
    + 'the other side.';
}

const whole = (number) => ({ 0.5: 'under 1', 99.5: 'over 99' }[number] ?? String(number));

// The study's record at a threshold, as the model calls whoever is at it or above: two counts, and
// shares of 100 as [value, low, high].
export function stepAt({ edges, steps }, threshold) {
  let [from, to] = [0, edges.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (edges[middle] < threshold) from = middle + 1;
    else to = middle;
  }
  const [found, alarms, ...rest] = steps[from];
  const [foundShare, alarmShare, called, left] = [0, 3, 6, 9].map((i) =>
    (rest[i] < 0 ? null : rest.slice(i, i + 3).map(whole)));
  return { found, alarms, foundShare, alarmShare, called, left };
}

// What a threshold says of costs: at it, a miss weighs as much as so many false alarms.
export function asCosts(threshold, { miss, alarm }) {
  const ratio = (1 - threshold) / threshold;
  if (!Number.isFinite(ratio) || ratio === 0) return '';
  const tied = Math.abs(threshold - thresholdFor({ miss, alarm })) < 1e-9;
  const many = ratio >= 10 ? String(Math.round(ratio)) : String(Number(ratio.toPrecision(2)));
  return `${tied ? '= a miss costs' : '= as if a miss cost'} as much as ${many} false `
    + `alarm${many === '1' ? '' : 's'}`;
}
