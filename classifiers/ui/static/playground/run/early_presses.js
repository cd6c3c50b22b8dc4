// Presses to play and to step: one that comes before it is known what there is to train waits.
const LATE = 3000; // milliseconds after which a step is not waited for

export class EarlyPresses {
  // act: what is done by each name of a press.
  constructor(act) {
    this.act = act;
    this.waitsFor = 'opening'; // the question or step that has to be answered first
    this.kept = [];
  }

  // Whether a press has to wait.
  keep(name) {
    if (this.waitsFor) this.kept.push(name);
    return Boolean(this.waitsFor);
  }

  wait(what) {
    this.waitsFor = what;
    if (what === 'step') setTimeout(() => this.done(what), LATE);
  }

  done(what) {
    if (this.waitsFor !== what) return;
    this.waitsFor = null;
    for (const name of this.kept.splice(0)) this.act[name]();
  }

  forget() {
    this.kept = [];
  }
}
