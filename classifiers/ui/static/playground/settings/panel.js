// A group of settings: shows a config, tells of changes, and says what is wrong at each.
import { valueAt } from './config.js';
import { buildField } from './fields.js';

export class Panel {
  // fields as Python describes them; change({path: value}).
  constructor(root, fields, change) {
    this.fields = fields.map((field) => {
      const built = buildField(field, (path, value) => change(field.patches
        ? field.patches[value] : { [path]: value }));
      root.append(built.root);
      return built;
    });
  }

  show(config, moved = new Set()) {
    for (const { field, show, root, disable } of this.fields) {
      show(field.patches ? patchOf(field, config) : this.value(field, config));
      root.classList.toggle('moved', (field.watch ?? [field.path]).some((path) => moved.has(path)));
      disable(Boolean(field.only) && !field.only.some(([path, wanted]) =>
        wanted.includes(valueAt(config, path))));
    }
  }

  value(field, config) {
    const value = valueAt(config, field.path);
    return value === undefined ? field.usual : value;
  }

  // errors: {path: text}. Returns the paths that have a place here.
  complain(errors) {
    return this.fields.flatMap(({ field, complain }) => {
      const paths = field.watch ?? [field.path];
      const wrong = paths.find((path) => path in errors);
      complain(wrong ? errors[wrong] : '');
      return wrong ? [wrong] : [];
    });
  }
}

// Which of a field's patches describes the config: its name, or what it is in words.
function patchOf(field, config) {
  const fits = ([, values]) => Object.entries(values).every(
    ([path, value]) => valueAt(config, path) === value);
  const found = Object.entries(field.patches).find(fits);
  if (found) return found[0];
  return field.watch.map((path) => `${path.split('.').at(-1)} ${valueAt(config, path)}`).join(', ');
}
