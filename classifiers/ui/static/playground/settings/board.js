// All settings of the page together: what changes along with one, the number of layers, the network
// that is offered with a data set, and what differs from the run that is shown.
import { node, partsOf } from '../../page/dom.js';
import { differing, valueAt, withValue, withValues } from './config.js';
import { written } from './fields.js';
import { Panel } from './panel.js';

const MOST_LAYERS = 4;

export class Board {
  // settings: as Python describes them; changed(config, {soon}).
  constructor(root, settings, changed) {
    this.part = partsOf(root);
    this.settings = settings;
    this.changed = changed;
    this.built = false; // whether the visitor has made a network of their own
    this.config = settings.usual;
    const set = (values) => this.set(values);
    this.panels = ['live', 'data', 'shape', 'more'].map((name) =>
      new Panel(this.part(name), settings.fields[name], set));
    this.part('fewer-layers').addEventListener('click', () => this.layers(-1));
    this.part('more-layers').addEventListener('click', () => this.layers(1));
    this.part('new-points').addEventListener('click', () =>
      this.set({ 'dataset.seed': (this.config.dataset.seed + 1) % 2 ** 31 }));
    this.moved = new Set();
  }

  set(values, { built = true } = {}) {
    const paths = Object.keys(values);
    if (built && paths.some((path) => !path.startsWith('dataset.'))) this.built = true;
    this.config = withValues(this.config, values);
    this.mend(paths);
    this.show();
    this.changed(this.config, values);
  }

  // What goes with a change: what would make no sense beside it.
  mend(paths) {
    const { dataset, network, training } = this.config;
    if (dataset.classes !== 2 && network.outputs === 'one_logit') {
      this.config = withValue(this.config, 'network.outputs', 'logits');
    }
    if (training.optimizer !== 'sgd' && training.momentum) {
      this.config = withValue(this.config, 'training.momentum', 0);
    }
    const stopping = training.early_stopping;
    if (paths.includes('training.early_stopping.on')) {
      this.config = withValue(this.config, 'training.early_stopping', stopping.on === 'off' ? null
        : { ...this.settings.stopping, ...stopping });
    }
  }

  layers(by) {
    const { widths } = this.config.network;
    this.set({ 'network.widths': by < 0 ? widths.slice(0, -1)
      : [...widths, Math.min(8, widths.at(-1) ?? 8)] });
  }

  feature(name) {
    const order = this.settings.features;
    const on = this.config.dataset.features;
    const next = on.includes(name) ? on.filter((one) => one !== name) : [...on, name];
    if (next.length) {
      this.set({ 'dataset.features': order.filter((one) => next.includes(one)) });
      this.built = true;
    }
  }

  // Another data set comes with its own noise and classes, and with a network that can learn it
  // unless the visitor has built one: then that is offered.
  // own: the visitor's points as a config has them.
  choose(name, own) {
    const set = this.settings.sets[name];
    const features = this.config.dataset.features;
    const dataset = { ...set.dataset, features };
    if (name === 'points') Object.assign(dataset, own);
    const offered = this.built ? {} : set.recipe;
    this.set({ dataset, ...offered }, { built: false });
    this.offer(this.built && Object.entries(set.recipe).some(([path, value]) =>
      JSON.stringify(valueAt(this.config, path)) !== JSON.stringify(value)) ? set : null);
  }

  offer(set) {
    const place = this.part('offer');
    place.hidden = !set;
    if (!set) return;
    const take = node('button', { type: 'button', class: 'link' }, 'Take it');
    take.addEventListener('click', () => {
      this.offer(null);
      this.set(set.recipe, { built: false });
    });
    place.replaceChildren(`A network that can learn ${set.title}: ${set.told}. `, take);
  }

  ownPoints(own) {
    const { class_names: _, ...dataset } = this.config.dataset;
    this.set({ dataset: { ...dataset, ...own } }, { built: false });
  }

  // A config from elsewhere: a link, an exercise, the way back.
  take(config) {
    this.config = config;
    this.built = differing(config, this.settings.usual)
      .some((path) => !path.startsWith('dataset.'));
    this.offer(null);
    this.show();
  }

  show() {
    const { dataset, network } = this.config;
    const set = this.settings.sets[dataset.name];
    const [, data] = this.panels;
    for (const field of data.fields) {
      const range = set.ranges[field.field.path];
      if (range) field.stretch({ low: range[0], high: range[1], step: range[2] });
      field.root.hidden = !field.field.sets.includes(dataset.name);
    }
    for (const panel of this.panels) panel.show(this.config, this.moved);
    this.part('layers').textContent = network.widths.length;
    this.part('fewer-layers').disabled = !network.widths.length;
    this.part('more-layers').disabled = network.widths.length >= MOST_LAYERS;
    this.part('new-points').hidden = dataset.name === 'points';
  }

  // errors: {path: text}. Each is told once, where its exact value can be typed if there is such a
  // place. Returns those that have none.
  complain(errors) {
    const left = { ...errors };
    const [live, data, shape, more] = this.panels;
    for (const panel of [more, shape, data, live]) {
      const placed = panel.complain(left);
      if (panel === more && placed.length) this.part('more-fold').open = true;
      for (const path of placed) delete left[path];
    }
    return Object.entries(left);
  }

  // What is set and not shown, in words.
  differences(shown) {
    const paths = differing(shown, this.config);
    if (paths.includes('dataset.name')) {
      const title = (config) => this.settings.sets[config.dataset.name].title;
      return [['Data', title(shown), title(this.config)], ...this.told(paths.filter((path) =>
        !path.startsWith('dataset.') || path === 'dataset.features'), shown)];
    }
    return this.told(paths, shown);
  }

  // A group of settings, as that of early stopping, is told by those in it.
  told(paths, shown) {
    const single = paths.filter((path) => ![shown, this.config].some((config) =>
      isGroup(valueAt(config, path))));
    return single.map((path) => {
      if (path === 'dataset.seed') return ['New points', '', ''];
      if (path === 'training.seed') return ['New start', '', ''];
      if (path === 'dataset.points') return ['Points', '', 'redrawn'];
      const [before, after] = [shown, this.config].map((config) =>
        this.word(path, valueAt(config, path)));
      const name = this.settings.labels[path] ?? path;
      // Lists of as many are told by their number, which is the same.
      const same = before === after && Array.isArray(valueAt(this.config, path));
      return same ? [name, '', 'changed'] : [name, before, after];
    }).filter(([, before, after]) => !before || before !== after);
  }

  word(path, value) {
    const names = this.settings.names[path];
    if (Array.isArray(value)) {
      return path === 'network.widths' ? value.join('-') || 'none' : `${value.length}`;
    }
    const field = this.panels.flatMap((panel) => panel.fields)
      .find((one) => one.field.path === path)?.field;
    const said = value === undefined ? field?.usual : value;
    return names?.[said] ?? written(field ?? {}, said);
  }
}

function isGroup(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
