// What a visitor's own sweep is made of: the boxes of "Run it yourself". What they hold is read by
// Python, which says what is wrong with it.
import { node, partsOf, write } from '../../page/dom.js';

export class Own {
  // settings: the axes with their usual values; changed(): a box holds something else now.
  constructor(root, { axes, usual, lent }, { changed, run, stop }) {
    this.part = partsOf(root);
    this.root = root;
    this.usual = usual;
    this.typed = {}; // what stands in the boxes of each axis
    for (const name of ['over', 'and_over']) {
      this.part(name).replaceChildren(...Object.entries(axes).map(([key, { title }]) =>
        node('option', { value: key }, title)));
      this.part(name).addEventListener('change', () => {
        this.fill();
        changed();
      });
    }
    for (const [name, of] of [['values', 'over'], ['and_values', 'and_over']]) {
      this.part(name).addEventListener('input', () => {
        this.typed[this.part(of).value] = this.part(name).value;
      });
    }
    for (const name of ['values', 'and_values', 'members', 'epochs-box', 'points', 'card']) {
      this.part(name).addEventListener('change', changed);
    }
    root.addEventListener('toggle', () => { if (root.open) changed(); });
    this.part('card-box').hidden = !lent;
    this.part('run').addEventListener('click', run);
    this.part('stop').addEventListener('click', stop);
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.matches('input')) run();
    });
  }

  // over, and_over: what the page shows; and_over null where it is one setting.
  choose(over, andOver) {
    this.two = Boolean(andOver);
    this.part('over').value = over;
    if (andOver) this.part('and_over').value = andOver;
    for (const box of this.root.querySelectorAll('[data-two]')) box.hidden = !this.two;
    this.part('over-box').hidden = !this.two; // the list beside it chooses the one setting
    this.fill();
  }

  fill() {
    const { over, and_over: andOver } = this.axes();
    this.part('values').value = this.typed[over] ?? this.usual[over];
    if (andOver) this.part('and_values').value = this.typed[andOver] ?? this.usual[andOver];
    const alone = over === 'epochs' || andOver === 'epochs'; // the values say how many
    this.part('epochs-box').disabled = alone;
  }

  axes() {
    return { over: this.part('over').value,
      and_over: this.two ? this.part('and_over').value : null };
  }

  asked() {
    const number = (name) => (this.part(name).value === '' ? null : Number(this.part(name).value));
    return { ...this.axes(), values: this.part('values').value,
      and_values: this.two ? this.part('and_values').value : null, members: number('members'),
      epochs: this.part('epochs-box').disabled ? null : number('epochs-box'),
      new_points: this.part('points').value === 'new', card: this.part('card').checked };
  }

  // running: whether one is under way; text: what it will take, or what is wrong.
  tell({ running, cost, error }) {
    if (running !== undefined) {
      this.part('run').hidden = running;
      this.part('stop').hidden = !running;
    }
    if (cost !== undefined || error !== undefined) write(this.part('cost'), error ?? cost);
    this.part('cost').classList.toggle('trouble', Boolean(error));
  }
}
