// The list of what can be varied: settings in their groups, or pairs of settings; a line explains
// the chosen one.
import { node, write } from '../../page/dom.js';

export class AxisList {
  // settings: {axes: {key: {title, group, help}}, pairs: [{key, title, help}]}; chosen(key) hears.
  // note: where the line stands if the list leaves no room for it.
  constructor(root, note, { axes, pairs }, chosen) {
    [this.root, this.note] = [root, note];
    this.chosen = chosen;
    this.lists = {
      one: Object.entries(axes).map(([key, axis]) => ({ key, ...axis })),
      two: pairs,
    };
  }

  show(kind, chosen) {
    const parts = [];
    let group = null;
    for (const entry of this.lists[kind]) {
      if (entry.group && entry.group !== group) {
        group = entry.group;
        parts.push(node('h3', {}, group));
      }
      const button = node('button', { type: 'button', 'data-key': entry.key,
        'aria-pressed': String(entry.key === chosen) }, entry.title);
      button.addEventListener('click', () => this.chosen(entry.key));
      parts.push(button);
      if (entry.key !== chosen) continue;
      parts.push(node('p', { class: 'help' }, entry.help));
      write(this.note, entry.help);
    }
    const had = this.root.contains(document.activeElement);
    this.root.replaceChildren(...parts);
    if (had) this.root.querySelector('[aria-pressed="true"]')?.focus();
  }
}
