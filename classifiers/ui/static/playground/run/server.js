// The queue of questions from the page to Python, each with its number. Questions go one at a time:
// two answers at once would be one change of the component.
export class Server {
  constructor(trigger) {
    this.trigger = trigger;
    this.questions = [];
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
      if (this.questions.length === 1) this.next();
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
    return answer; // unasked: what the page opens with
  }

  press(action, about = {}) {
    this.trigger(action, about);
  }
}
