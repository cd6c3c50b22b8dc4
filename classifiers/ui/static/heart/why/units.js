// Blood values in the unit of the form: what was sent in mg/dl, told in mmol/l.
const AMOUNT = /(up to |over )?(\d+(?:\.\d+)?) mg\/dl/g;

// text: the panel's value as JSON; mmol: mg/dl of cholesterol in one mmol/l; sugar: the limit of
// fasting sugar in either unit.
export function inUnit(text, unit, { mmol, sugar }) {
  if (unit !== 'mmol/l') return JSON.parse(text);
  const value = JSON.parse(text.replace(AMOUNT, (_, side, amount) =>
    `${side ? `${side}${sugar[unit]}` : (amount / mmol).toFixed(1)} ${unit}`));
  value.fields = value.fields.map((field) => field.field === 'chol' ? scaled(field, mmol) : field);
  return value;
}

function scaled(field, mmol) {
  const { values, at, histogram } = field;
  const each = (amounts) => amounts.map((amount) => amount / mmol);
  return { ...field, values: each(values), at: at && { ...at, value: at.value / mmol },
    histogram: histogram && { ...histogram, edges: each(histogram.edges) } };
}
