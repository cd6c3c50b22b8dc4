"""The lesson's panel as tests open it, answer in it and read it."""

DEADLINE = 60_000

# Without the explanations that only a screen reader is told.
SEEN = """[...document.querySelectorAll('#guide [data-part=told] p')].map((paragraph) => {
  const copy = paragraph.cloneNode(true);
  for (const hidden of copy.querySelectorAll('.unseen')) hidden.remove();
  return copy.textContent;
})"""

# The settings of a step are played in the playground: here to their second epoch.
BRIEFLY = """() => window.addEventListener('playground-config', ({ detail }) => {
  window.lent = structuredClone(detail.config);
  detail.config.training.epochs = 2;
}, true)"""

# As somebody who has answered nothing, and reads none of the steps.
ANEW = """() => {
  const press = (name) => document.querySelector(`#guide [data-part=${name}]`).click();
  press('forget');
  if (document.querySelector('#guide [data-part=open][aria-expanded=true]')) press('close');
}"""


def part(page, name: str):
    return page.locator(f"#guide [data-part={name}]")


def settled(page):
    """Once the panel is there."""
    begun = "[data-part=open][aria-expanded=true], [data-part=line]:has-text('done')"
    page.locator(f"#guide :is({begun})").first.wait_for(timeout=DEADLINE)
    page.evaluate(BRIEFLY)
    return page


def opened(page, url: str, query: str = ""):
    page.goto(url + query)
    return settled(page)


def share(page) -> None:
    """Leaves a page without a link's steps or settings to the tests that come: see `lesson`."""
    page.evaluate("window.onLesson = true")


def asked(page, title: str):
    part(page, "title").filter(has_text=title).wait_for(timeout=DEADLINE)
    part(page, "form").wait_for(timeout=DEADLINE)


def answered(page) -> str:
    part(page, "reveal").wait_for(timeout=DEADLINE)
    return page.locator("#guide .guide").get_attribute("data-verdict")
