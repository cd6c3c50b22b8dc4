// The queue of questions from the page to Python, each with its number. Questions go one at a time:
// two answers at once would be one change of the component.
const LATE = 10_000; // milliseconds after which what the page opens with is not waited for

export class Server {
  // opens: whether an answer that nobody asked for comes first.
  constructor(trigger, opens) {
    this.trigger = trigger;
    this.questions = [];
    this.opens = opens;
    if (opens) setTimeout(() => this.opened(), LATE);
    this.number = 0;
    this.last = '';
  }

  // Resolves with the answer. Of questions of one kind that wait, only the last is asked.
  ask(kind, about) {
    this.number += 1;
    const question = { kind, n: this.number, about };
    const waiting = this.questions.findIndex((one, i) => i > 0 && one.kind === kind);
    if (waiting > 0) this.questions.splice(waiting, 1);
    return new Promise((resolve) => {
      this.questions.push({ ...question, resolve });
      if (this.questions.length === 1 && !this.opens) this.next();
    });
  }

  next() {
    const [question] = this.questions;
    if (question) {
      this.trigger('ask', { kind: question.kind, n: question.n, ...question.about });
    }
  }

  receive(text) {
    if (!text || text === this.last) return null;
    this.last = text;
    const answer = JSON.parse(text);
    const [question] = this.questions;
    if (question && question.n === answer.n) {
      this.questions.shift();
      this.next();
      question.resolve(answer);
      return null;
    }
    if (!answer.built) this.opened();
    return answer; // unasked: what the page opens with
  }

  opened() {
    if (!this.opens) return;
    this.opens = false;
    this.next();
  }

  press(action, about = {}) {
    this.trigger(action, about);
  }
}
