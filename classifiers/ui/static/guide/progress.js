// What the visitor said to each step. It is kept in this browser, or in memory where a page that
// embeds this one forbids even that, and never sent.
const KEPT = 'lesson-answers';

export class Progress {
  constructor() {
    this.said = {};
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEPT));
      if (kept && typeof kept === 'object' && !Array.isArray(kept)) this.said = kept;
    } catch { /* nothing is kept */ }
  }

  done(key) {
    return this.said[key]?.verdict !== undefined;
  }

  note(key, { verdict, words, told }) {
    this.said[key] = { verdict, words, told, on: new Date().toISOString().slice(0, 10) };
    this.keep();
  }

  forget() {
    this.said = {};
    this.keep();
  }

  keep() {
    try {
      window.localStorage.setItem(KEPT, JSON.stringify(this.said));
    } catch { /* in memory only */ }
  }

  // To hand in.
  text(steps) {
    return steps.filter(({ key }) => this.done(key)).map(({ key, title }) => {
      const { words, verdict, told, on } = this.said[key];
      return [`${key} ${title} (${on})`, `Said: ${words} (${verdict})`,
        `Measured: ${told.join(' ')}`].join('\n');
    }).join('\n\n');
  }
}
