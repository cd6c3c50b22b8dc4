// Draws what a visitor sees first before Gradio is there, by the components' own modules. When it
// is, each part moves into its component, with all that was done to it meanwhile.
(() => {
  const PARTS = ['guide', 'playground-stage'];
  const PICTURE = 1000; // milliseconds that Gradio waits for it at most
  const LATE = 20000; // milliseconds
  const shell = document.getElementById('app-shell');
  const asked = new URLSearchParams(window.location.search);
  // Gradio takes the browser's only thread for half a second: the first picture comes before that.
  const startGradio = () => {
    const entry = document.getElementById('gradio-entry');
    if (!entry) return;
    document.head.append(Object.assign(document.createElement('script'),
      { type: 'module', crossOrigin: '', src: entry.href }));
    entry.remove();
  };
  const whole = (id) => window.gradio_config?.components.find(({ props }) => props.elem_id === id);
  // Whatever goes wrong below, and for a page that nobody looks at, which draws nothing.
  setTimeout(startGradio, PICTURE);

  // A link opens something else; what begins with __ is the Hub's and Gradio's.
  const linked = window.location.hash || [...asked.keys()].some((key) => !key.startsWith('__'));
  if (linked || !PARTS.every(whole)) {
    shell.remove();
    startGradio();
    return;
  }

  const theme = asked.get('__theme');
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  if (theme === 'dark' || (theme !== 'light' && dark)) document.body.classList.add('dark');
  shell.hidden = false;

  // A tab that is pressed is opened as soon as it is there.
  let tab = null;
  shell.querySelector('[role=tablist]').addEventListener('click', (event) => {
    event.stopPropagation(); // the lesson follows when it is open
    tab?.removeAttribute('aria-busy');
    tab = event.target.closest('[aria-selected=false]');
    tab?.setAttribute('aria-busy', 'true');
  });

  // One component, and what Gradio gives for it once it is there.
  class Part {
    constructor(id) {
      const { props } = whole(id);
      this.host = shell.querySelector(`[data-for=${id}] .drawn`);
      this.place = this.host; // where it is drawn
      this.props = { value: props.value, ...props.props };
      this.waiting = []; // events
      this.watching = [];
      this.given = null;
      this.code = props.js_on_load;
    }

    start() {
      Function('element', 'props', 'trigger', 'watch', this.code)(this.host, this.props,
        (name, data) => this.trigger(name, data), (...watched) => this.watching.push(watched));
    }

    trigger(name, data) {
      if (this.given) this.given.trigger(name, data);
      else this.waiting.push([name, data]);
    }

    moveTo({ element, props, trigger, watch }) {
      while (this.host.firstChild) {
        if (element.moveBefore) element.moveBefore(this.host.firstChild, null);
        else element.append(this.host.firstChild);
      }
      this.place = element;
      const take = (told) => {
        Object.assign(this.props, props);
        told();
      };
      for (const [names, told] of this.watching) {
        watch(names, () => take(told));
        take(told);
      }
      this.given = { trigger };
      for (const [name, data] of this.waiting.splice(0)) trigger(name, data);
    }
  }

  const parts = new Map(PARTS.map((id) => [id, new Part(id)]));
  const given = new Map();
  const late = setTimeout(() => {
    shell.querySelector('.late').textContent = 'The page could not be loaded. Reload it.';
  }, LATE);
  const drawn = new MutationObserver(() => {
    if (shell.querySelector('[data-phase=opening]')) return;
    drawn.disconnect();
    requestAnimationFrame(() => setTimeout(startGradio));
  });
  drawn.observe(shell, { subtree: true, attributeFilter: ['data-phase'] });

  const handOver = () => {
    clearTimeout(late);
    const focused = document.activeElement;
    for (const [id, part] of parts) part.moveTo(given.get(id));
    shell.remove();
    // A browser that cannot move elements as they are has lost it, and gives it to none that is
    // still hidden: buttons are for a frame more.
    const focus = () => {
      if (document.activeElement === document.body) focused.focus({ preventScroll: true });
    };
    requestAnimationFrame(() => requestAnimationFrame(focus));
    if (tab) document.querySelector(`[role=tab][data-tab-id="${tab.dataset.tabId}"]`)?.click();
  };

  window.appShell = {
    // Whether a component that Gradio made was drawn already, and takes that.
    gives(component) {
      const id = PARTS.find((one) => component.element.closest(`#${one}`));
      if (!shell.isConnected || !id || shell.contains(component.element)) return false;
      component.element.replaceChildren();
      given.set(id, component);
      if (given.size === PARTS.length) handOver();
      return true;
    },

    // Where a component is that is about to be drawn.
    placeOf(element) {
      const part = [...parts.values()].find(({ host }) => host === element);
      if (part) part.host.hidden = false;
      return part?.place ?? element;
    },
  };
  for (const part of parts.values()) part.start();
})();
