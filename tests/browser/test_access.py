"""The app without a mouse, for a screen reader, and when its visitor leaves."""

import time
from pathlib import Path

from classifiers.ui import heavy
from tests.browser.axe_rules import begin_axe, find_serious
from tests.browser.capstone import sweeps_page
from tests.browser.playground.test_playground_browser import (
    DEADLINE,
    MOONS,
    PICTURE,
    SHORT,
    STAGE,
    at,
    opened,
    press,
    trained,
)

LONG = "?network.widths=[128,128]&training.epochs=20000"
# Gradio's own markup, which we do not write: the mark of an empty file list has a label, no role.
NOT_OURS = (".empty[aria-label]",)
STOPS = """() => [...document.querySelectorAll(
  'button, input, textarea, select, a[href], [tabindex]')].filter((e) => e.tabIndex >= 0
    && !e.disabled && e.type !== 'file'
    && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length)"""
NAME = """(e) => e.type === 'radio' ? `radio ${e.name}`
  : `${e.tagName} ${e.id} ${e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40)}`"""
# A control that is only a mark in a label may leave the outline to that label.
FOCUS = """() => {
  const ring = (e) => parseFloat(getComputedStyle(e).outlineWidth)
    * (getComputedStyle(e).outlineStyle !== 'none');
  const now = document.activeElement;
  return ring(now) >= 2 || (now.closest('label') && ring(now.closest('label')) >= 2);
}"""


def busy(pid: int) -> float:
    """Cores that a process uses just now."""

    def ticks() -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before, start = ticks(), time.monotonic()
    time.sleep(0.3)
    return (ticks() - before) / 100 / (time.monotonic() - start)


def play_long(page, url):
    opened(page, url, LONG)

    def begin():
        for part in ("speed", "speed", "play"):  # as fast as it goes
            press(page, part)
        page.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 2")

    return begin


def sweep_long(page, url):
    sweeps_page.open_tab(page, url)

    def begin():
        boxes = {"values": "128", "members": "30", "epochs-box": "1000"}  # some 40 s of a core
        sweeps_page.run_own(page, **boxes, wait=False)
        sweeps_page.part(page, "status").filter(has_text="epoch").wait_for()

    return begin


def idle(server, seconds: float) -> None:
    """Until the server stands still, in time."""
    deadline = time.monotonic() + seconds
    while busy(server.process.pid) > 0.1:
        assert time.monotonic() < deadline


def test_pages_that_are_closed_give_their_places_back(warm_context, server):
    pages = [warm_context.new_page() for _ in range(2)]
    opens = (play_long, sweep_long)  # a world that is left is told of in process
    for begin in [open_at(page, server.url) for open_at, page in zip(opens, pages, strict=True)]:
        begin()
    assert busy(server.process.pid) > 0.2
    for page in pages:
        page.close()
    idle(server, heavy._LOOK_SECONDS + 3)


def test_a_csv_of_own_points_is_trained_on(fresh, app_url, tmp_path, screenshot):
    rows = [
        f"{x / 3},{y / 3},{int(x * y > 0) * 2}" for x in range(-5, 6, 2) for y in (-4, -1, 2, 5)
    ]
    table = tmp_path / "mine.csv"
    table.write_text("\n".join(["x,y,class", *rows]))
    opened(fresh, app_url)
    assert not fresh.locator("#points-file").is_visible()
    fresh.click("#playground-stage [data-set=points]")
    with fresh.expect_file_chooser() as chooser:
        press(fresh, "file")
    chooser.value.set_files(table)
    fresh.wait_for_selector(f".own-count:text('{len(rows)} of')", timeout=DEADLINE)
    fresh.wait_for_function("location.search.includes('dataset.points')")
    # The picture follows the points: two classes, called 0 and 2 in the file.
    fresh.wait_for_selector("#playground-stage [data-key=oB]")
    at(press(fresh, "step"), "paused", reached=1)
    assert fresh.locator("#playground-stage .matrix tbody tr").count() == 2
    screenshot(fresh, "playground-csv")


def test_every_control_of_the_playground_is_reached_by_tab_with_a_visible_focus(fresh, app_url):
    opened(fresh, app_url)
    stops = fresh.evaluate(f"({STOPS})().map({NAME})")
    play = next(i for i, name in enumerate(stops) if name.endswith(" Play"))
    assert play < 8, "Play is reached with few presses of Tab"
    wanted = set(stops)
    assert len(wanted) > 30
    reached = set()
    for _ in range(2 * len(wanted)):
        fresh.keyboard.press("Tab")
        reached.add(name := fresh.evaluate(f"({NAME})(document.activeElement)"))
        assert name.startswith("BODY") or fresh.evaluate(FOCUS), f"no visible focus: {name}"
        if wanted <= reached:
            break
    assert wanted - reached == set()


def test_playing_and_scrubbing_work_by_keyboard(fresh, app_url):
    fresh.emulate_media(reduced_motion="no-preference")
    opened(fresh, app_url, MOONS)
    fresh.focus("#playground-stage [data-part=play]")
    fresh.keyboard.press("Enter")
    at(fresh, "paused", reached=60)
    fresh.focus("#playground-stage [role=slider]")
    fresh.keyboard.press("Home")
    fresh.wait_for_selector(f"{STAGE}[data-epoch='0']")
    fresh.keyboard.press("ArrowRight")
    fresh.wait_for_selector(f"{STAGE}[data-epoch='1']")
    fresh.focus(PICTURE)
    fresh.keyboard.press("Space")
    fresh.wait_for_function(f"document.querySelector('{STAGE}').dataset.epoch > 5")
    fresh.keyboard.press("Space")
    at(fresh, "paused")


def unfold_all(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    closed = page.locator("button.label-wrap:not(.open):visible")
    while closed.count():
        closed.first.click()
        page.wait_for_timeout(50)


# To all panels at once: most of what axe costs is paid for each look at a page, however small.
SHOW_ALL = """async () => {
  for (const panel of document.querySelectorAll('[role=tabpanel]')) {
    if (getComputedStyle(panel).display === 'none') panel.style.display = 'block';
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [...document.querySelectorAll('[role=tabpanel]')].map((e) => e.checkVisibility());
}"""


def test_axe_finds_nothing_serious_in_light_and_dark(page, app_url):
    trained(opened(page, app_url, f"{SHORT}&__theme=light"))
    begin_axe(page)
    press(page, "keep")
    page.click(PICTURE, position={"x": 150, "y": 100})
    unfold_all(page)
    press(page, "script")
    page.wait_for_selector("#playground-stage pre:has-text('make_')", timeout=DEADLINE)
    unfold_all(page)
    page.get_by_role("tab", name="Heart").click()
    for name, sign in {
        "Patient": "#why .way svg",
        "Threshold": "#explorer svg",
        "Table": "#patients-file",
        "Lessons": "#heart-lessons details",
        "Record": "#heart-record figure",
    }.items():
        page.get_by_role("tab", name=name, exact=True).click()
        page.locator(sign).first.wait_for()
        unfold_all(page)
    page.get_by_role("tab", name="Capstone").click()
    page.locator(".worlds[data-state=ready]").wait_for()
    unfold_all(page)
    page.mouse.move(0, 0)
    # What is being answered is pale for that long.
    page.wait_for_function("!document.querySelector('.pending')", timeout=DEADLINE)
    assert page.evaluate(SHOW_ALL) == [True] * 8
    # Some 6,000 marks without a text, which cost axe a quarter of its time.
    page.evaluate(
        "document.querySelectorAll('svg :is(circle, line, rect)').forEach((e) => e.remove())"
    )
    assert find_serious(page, "html", NOT_OURS) == []
