// Which of a page's presses is the last, by its own count: those before it are left, and the server
// is told. The server ends what was left, however soon that is told.
export class Presses {
  // tell({page, press}): this press and those before it are left.
  constructor(tell) {
    this.tell = tell;
    this.page = `${Date.now()}-${Math.random()}`;
    this.count = 0;
    this.open = false; // whether the last press is waited for
  }

  // What goes along with a press; the one before it is left.
  begin() {
    this.leave();
    this.count += 1;
    this.open = true;
    return { page: this.page, press: this.count };
  }

  leave() {
    if (this.open) this.tell({ page: this.page, press: this.count });
    this.open = false;
  }

  end() {
    this.open = false;
  }

  // Whether news are of the press that is waited for; of none, where none is.
  waitsFor(press) {
    return this.open ? press === this.count : press === undefined;
  }
}
