// What the section asks Python for where only the last question counts: that of each event, as its
// listener's own script reads it.
const asked = {};

export function ask(event, question) {
  asked[event] = question;
}

export const question = (event) => JSON.stringify(asked[event] ?? {});
