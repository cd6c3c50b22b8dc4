"""Panels of the Patient tab alone on a page, with the app's own styles and without its server."""

from typing import Any

from classifiers.ui.heart.words import MMOL, SUGAR_LIMIT
from classifiers.ui.static import address, asset

SHEETS = ("charts/charts.css", "page/buttons.css", "page/gloss.css", "heart/patient/patient.css")
MODULES = {"decision": "heart/decision.js", "form": "heart/patient/state.js"}
# A panel can be told something else: told[id](value). The modules are there by their names.
SETUP = """async ({ panels, sheets, modules, dark, settings }) => {
  const theme = dark
    ? '--body-text-color:#edf1fb;--body-text-color-subdued:#b3bfda;--block-background-fill:#131b2e;'
      + '--border-color-primary:#2a3654;--body-background-fill:#0b1120;'
    : '--body-text-color:#15203a;--body-text-color-subdued:#465372;--block-background-fill:#fff;'
      + '--border-color-primary:#d9e0ee;--body-background-fill:#f4f6fb;';
  document.documentElement.style.cssText = `${theme}font-family:system-ui`;
  document.body.className = dark ? 'dark' : '';
  document.body.style.cssText = 'margin:16px;background:var(--body-background-fill)';
  const parts = panels.map(({ id, css, html }) =>
    `<style>#${id} { ${css} }</style><div id="${id}">${html}</div>`);
  const links = sheets.map((sheet) => `<link rel="stylesheet" href="${sheet}">`);
  document.body.innerHTML =
    `${links.join('')}<div id="patient" data-patient="now">${parts.join('')}</div>`;
  await Promise.all([...document.querySelectorAll('link')].map((link) =>
    link.sheet || new Promise((loaded) => { link.onload = loaded; })));
  const load = (path) => import(new URL(path, location.origin));
  for (const [name, path] of Object.entries(modules)) window[name] = await load(path);
  window.told = {};
  for (const { id, module, value } of panels) {
    const props = { value };
    const { start } = await load(module);
    const tell = start({ element: document.getElementById(id), props }, settings);
    window.told[id] = (next) => { props.value = next; tell(); };
  }
}"""


def show_alone(
    page: Any, app_url: str, panels: dict[str, tuple[str, str]], *, width: int, dark: bool
) -> None:
    """Shows panels, given by their id: the name of their files in heart/why, and their value."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{app_url}/{address('charts/svg.js')}")
    sent = [
        {"id": name, "module": address(f"heart/why/{file}.js"), "value": value,
         "html": asset(f"heart/why/{file}.html"),
         "css": asset("heart/why/common.css", f"heart/why/{file}.css")}
        for name, (file, value) in panels.items()
    ]  # fmt: skip
    page.evaluate(SETUP, {
        "panels": sent, "dark": dark, "settings": {"mmol": MMOL, "sugar": SUGAR_LIMIT},
        "sheets": [f"/{address(name)}" for name in SHEETS],
        "modules": {name: f"/{address(path)}" for name, path in MODULES.items()},
    })  # fmt: skip
