// Which view the big picture shows (classes, confidence, disagreement, space), what lies over it,
// and the note below it.
import { node, partsOf } from '../page/dom.js';
import { termButton } from '../page/gloss.js';
import { percent } from './words.js';

export class Views {
  constructor(root, changed) {
    this.root = root;
    this.part = partsOf(root);
    this.changed = changed;
    this.show = { view: 'classes', layer: 1, training: true, test: true, best: false };
    this.told = '';
    for (const button of root.querySelectorAll('[data-view]')) {
      button.addEventListener('click', () => this.look(button.dataset.view));
    }
    for (const button of root.querySelectorAll('[data-show]')) {
      button.addEventListener('click', () => {
        const { show } = button.dataset;
        this.show[show] = !this.show[show];
        button.setAttribute('aria-pressed', this.show[show]);
        changed();
      });
    }
  }

  look(view) {
    this.show.view = view;
    for (const button of this.root.querySelectorAll('[data-view]')) {
      button.setAttribute('aria-pressed', button.dataset.view === view);
    }
    this.changed();
  }

  draw(picture, { reading, colours, place, own }) {
    const { film } = reading;
    const layers = film.start.widths.length;
    const { show } = this;
    if (show.view === 'space' && (!layers || !film.network)) this.look('classes');
    if (show.view === 'disagreement' && film.members < 2) this.look('classes');
    this.possible('disagreement', film.members > 1,
      'Set “Networks” under “More settings” to 2 or more: it shows where they disagree');
    this.possible('space', layers > 0 && Boolean(film.network), layers
      ? 'The weights of a network of this size are not in the page' : 'Needs a hidden layer');
    show.layer = Math.min(show.layer, Math.max(1, layers));
    const share = picture.draw(reading, { ...show, probe: place, own }, colours);
    this.part('picture').dataset.view = show.view;
    this.root.querySelector('[data-show=best]').disabled = !film.bayes;
    this.note(film, layers, share, reading.broken);
  }

  possible(view, is, why) {
    const button = this.root.querySelector(`[data-view=${view}]`);
    button.setAttribute('aria-disabled', !is);
    if (is) delete button.dataset.tip;
    else button.dataset.tip = why;
  }

  // What the face that is shown has to be told of.
  note(film, layers, share, broken) {
    const { view, layer } = this.show;
    const percents = share && Math.round(100 * share);
    const key = [view, layer, layers, film.members, broken, percents].join();
    if (key === this.told) return;
    this.told = key;
    const note = this.part('note');
    note.hidden = view === 'classes' && !broken;
    if (broken) note.replaceChildren('The weights are no longer numbers: the run has diverged.');
    else if (view === 'confidence') {
      note.replaceChildren('Paper: an even guess', node('i', { class: 'ramp' }), 'full: certain');
    } else if (view === 'disagreement') {
      const networks = `${film.members} networks, same points, other starts.`;
      note.replaceChildren(`${networks} Ink: they disagree`,
        node('i', { class: 'ramp ink' }));
    } else if (view === 'space') note.replaceChildren(...this.spaceNote(layers, share));
  }

  spaceNote(layers, share) {
    const pick = node('span', { class: 'segments', role: 'group', 'aria-label': 'Layer' });
    for (let k = 1; k <= layers; k += 1) {
      const button = node('button', { type: 'button', 'aria-pressed': k === this.show.layer,
        'aria-label': `Layer ${k}` }, k);
      button.addEventListener('click', () => {
        this.show.layer = k;
        this.changed();
      });
      pick.append(button);
    }
    return ['As layer ', pick, ' sees it. The grid is the plane, folded.',
      termButton('playground', 'widest directions', `${percent(share, 0)} in view`)];
  }
}
