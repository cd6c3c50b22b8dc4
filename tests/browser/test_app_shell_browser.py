"""What a visitor sees and does before Gradio is there, and that nothing of it is lost then.

Gradio's first module is held back here for as long as a test wants.
"""

import io
import json

import pytest
from PIL import Image, ImageChops

from classifiers.ui.gradio_internals.page import quickly_read
from tests.conftest import new_page

DRAWN = "#app-shell .playground[data-phase=ready]"
STAGE = "#playground-stage .playground"
ENTRY = "**/assets/index-*.js"


class Held:
    """The requests for an address, which wait until `let_go`."""

    def __init__(self, page, pattern: str) -> None:
        self._routes: list = []
        self._open = False
        page.route(pattern, self._hear)

    def _hear(self, route) -> None:
        if self._open:
            route.continue_()
        else:
            self._routes.append(route)

    def forget(self) -> None:
        """Those of a page that is left are nobody's."""
        self._routes.clear()

    def let_go(self) -> None:
        self._open = True
        for route in self._routes:
            route.continue_()


@pytest.fixture
def gradio(page) -> Held:
    return Held(page, ENTRY)


def handed_over(page, gradio: Held) -> None:
    gradio.let_go()
    page.locator("#app-shell").wait_for(state="detached")
    page.locator("#origin", has_text="Weights").wait_for()


def picture(page) -> Image.Image:
    """Once it stands still: words are explained a moment after they are drawn."""
    page.wait_for_function("document.querySelectorAll('.playground dfn').length > 0")
    taken: list[bytes] = []
    while len(taken) < 20 and (len(taken) < 2 or taken[-1] != taken[-2]):
        taken.append(page.screenshot())
        page.wait_for_timeout(250)
    return Image.open(io.BytesIO(taken[-1])).convert("RGB")


def otherwise(page, before: Image.Image) -> tuple[int, int, int, int] | None:
    """Where a page looks otherwise than before; what passes in two seconds is no difference."""
    found = None
    for _ in range(4):
        found = ImageChops.difference(before, picture(page)).getbbox()
        if found is None:
            break
    return found


MOVED = """window.moved = 0;
new PerformanceObserver((list) => { for (const { value } of list.getEntries()) moved += value; })
  .observe({ type: 'layout-shift', buffered: true });"""


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_nothing_moves_and_the_page_looks_the_same_before_gradio_and_after(
    page, app_url, gradio, width, theme
):
    page.add_init_script(MOVED)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{app_url}/?__theme={theme}", wait_until="commit")
    page.locator(DRAWN).wait_for()
    before = picture(page)
    handed_over(page, gradio)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    different = otherwise(page, before)
    assert different is None, f"another look at {different}"
    if width == 390:  # where the most could move
        assert page.evaluate("moved") < 0.005


@pytest.mark.parametrize("browser_moves", [True, False])
def test_what_is_set_and_pressed_before_gradio_is_there_is_done(
    page, app_url, gradio, browser_moves
):
    if not browser_moves:  # as those of other makers, which take what is moved out first
        page.add_init_script("delete Element.prototype.moveBefore")
    page.goto(app_url, wait_until="commit")
    page.locator(DRAWN).wait_for()
    page.locator("#app-shell [data-set=moons]").click()
    page.locator("#app-shell [data-part=play]").click()
    page.locator("#app-shell [data-part=views] [data-view=confidence]").click()
    page.locator("#app-shell [data-part=more-layers]").focus()
    page.wait_for_timeout(300)
    assert page.get_attribute("#app-shell .playground", "data-reached") in (None, "0")
    handed_over(page, gradio)
    page.wait_for_function(f"Number(document.querySelector('{STAGE}').dataset.reached) > 3")
    assert "dataset.name=moons" in page.evaluate("location.search")
    assert page.get_attribute(f"{STAGE} [data-view=confidence]", "aria-pressed") == "true"
    assert page.evaluate("document.activeElement.dataset.part") == "more-layers"
    # What comes later is heard as well.
    page.locator(f"{STAGE} [data-part=play]").click()
    page.locator(f"{STAGE} [data-set=circles]").click()
    page.wait_for_function("location.search.includes('circles')")


def test_a_tab_or_the_lesson_opened_before_gradio_is_there_opens_then(page, app_url, gradio):
    page.goto(app_url, wait_until="commit")
    page.locator(DRAWN).wait_for()
    page.locator("#app-shell .guide [data-part=open]").click()
    page.get_by_role("tab", name="Capstone").click()
    page.get_by_role("tab", name="Heart").click()
    assert page.locator("#app-shell [aria-busy=true]").all_inner_texts() == ["Heart"]
    handed_over(page, gradio)
    page.locator('#patient[data-patient="now"]').wait_for()
    page.locator("#guide .guide-card .ask:not(:empty)").wait_for()  # a step of that tab
    assert page.locator("#guide [data-key][aria-current=true]").get_attribute("data-key")[0] == "h"
    for tab in ("capstone", "playground"):
        page.go_back()
        page.locator(f"[data-tab-id={tab}][aria-selected=true]").wait_for()


LINKS = ["?lesson=p2", "?dataset.name=moons", "#patient?age=57", "?tab=heart"]


def test_a_link_that_opens_something_else_has_no_first_picture_of_the_usual(page, app_url, gradio):
    page.add_init_script(
        "window.seen = 0; new MutationObserver(() => { const shell = "
        "document.querySelector('#app-shell'); if (shell && !shell.hidden) seen += 1; })"
        ".observe(document, { subtree: true, childList: true, attributes: true });"
    )
    for link in LINKS:
        gradio.forget()
        page.goto(f"{app_url}/{link}", wait_until="commit")
        page.locator("gradio-app").wait_for(state="attached")  # what stands after the shell
        assert page.locator("#app-shell").count() == 0, link
        assert page.locator("#gradio-entry").count() == 0, link  # Gradio waits for no picture
        assert page.evaluate("seen") == 0, link
    gradio.let_go()
    page.locator("#origin", has_text="Weights").wait_for()
    assert page.locator("#app-shell").count() == 0
    assert page.evaluate("seen") == 0


def test_gradio_that_is_there_before_our_modules_draws_as_ever(page, app_url):
    bundle = Held(page, "**/bundles/page.js")
    page.goto(app_url, wait_until="commit")
    page.locator("#origin", has_text="Weights").wait_for()
    assert page.locator("#app-shell").count() == 0
    bundle.let_go()
    page.locator(f"{STAGE}[data-phase=ready]").wait_for()
    page.locator("#guide [data-part=open]", has_text="Lesson: 0 of").wait_for()


def test_a_page_whose_gradio_never_comes_says_so(browser, app_url):
    with new_page(browser) as page:  # a clock is one for all pages of a context
        Held(page, ENTRY)
        page.clock.install(time=0)
        page.clock.pause_at(1_000)  # no second passes but those below
        page.goto(app_url, wait_until="commit")
        page.locator("#app-shell:not([hidden])").wait_for(state="attached")  # its script has run
        page.clock.run_for(19_000)
        assert page.locator("#app-shell .late").inner_text() == ""
        page.clock.run_for(2_000)
        assert page.locator("#app-shell .late").inner_text().endswith("Reload it.")
        assert page.locator("#app-shell .late").is_visible()


@pytest.mark.parametrize("text", ["it's", '"', "\\", "\\'", "\n\t\u2028", "</script>", "é😀", "$&"])
def test_what_describes_the_page_is_read_as_it_was_written(shared_page, text):
    told = {"said": text, text: [1.5, None, True]}
    written = json.dumps(told).replace("<", "\\u003c")
    head = quickly_read(f"<script>window.gradio_config = {written};</script>".encode())
    assert b"JSON.parse" in head
    shared_page.set_content(head.decode())
    assert shared_page.evaluate("window.gradio_config") == told


def test_what_this_gradio_tells_the_page_is_read_in_that_way(shared_page, app_url):
    """Told in words where another Gradio writes its page in another way."""
    text = shared_page.request.get(app_url).text()
    assert text.count("= JSON.parse('{") == 2, "gradio_config or gradio_api_info stands elsewhere"
    assert text.count('id="gradio-entry"') == 1, "Gradio's first module stands elsewhere"
    assert text.count('href="theme.css?v=') == 1, "the theme's hash stands elsewhere"
    assert text.index('id="app-shell"') < text.index("<gradio-app")
