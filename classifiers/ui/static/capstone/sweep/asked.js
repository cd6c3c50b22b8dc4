// What the section asks Python for: the last question, as the listeners' own scripts read it.
let asked = {};

export function ask(question) {
  asked = question;
}

export const question = () => JSON.stringify(asked);
