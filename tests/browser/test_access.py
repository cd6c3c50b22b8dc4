"""The app without a mouse, for a screen reader, and when its visitor leaves."""

import time
from pathlib import Path

import pytest

from tests.browser.test_playground_browser import CANVAS, DEADLINE, FILM, at_rest, data, opened

LONG = "?network.widths=[128,128]&training.epochs=20000"
# Gradio's own markup, which we do not write: the mark of an empty file list has a label, no role.
NOT_OURS = [".empty[aria-label]"]
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


def test_closing_the_page_ends_its_training(browser, server):
    context = browser.new_context()
    page = opened(context.new_page(), server.url, LONG)
    page.wait_for_selector(f"{FILM} .stage-title:has-text('128-128')")
    page.click("#train")
    page.wait_for_function(f"document.querySelector('{FILM}').dataset.frames > 2", timeout=DEADLINE)
    assert busy(server.process.pid) > 0.2
    assert data(page, "state") == "running"
    assert int(data(page, "epoch")) < 2000, "a run that is nearly over proves nothing"
    context.close()
    deadline = time.monotonic() + 5
    while busy(server.process.pid) > 0.1:
        assert time.monotonic() < deadline


def test_a_csv_of_own_points_is_trained_on(page, app_url, tmp_path, screenshot):
    rows = [
        f"{x / 3},{y / 3},{int(x * y > 0) * 2}" for x in range(-5, 6, 2) for y in (-4, -1, 2, 5)
    ]
    table = tmp_path / "mine.csv"
    table.write_text("\n".join(["x,y,class", *rows]))
    opened(page, app_url)
    assert not page.locator("#points-file").is_visible()
    page.get_by_label("My own").check()
    page.locator("#points-file").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#points-file").click()
    chooser.value.set_files(table)
    points = "document.querySelector('#dataset-points textarea').value.split('\\n').length"
    page.wait_for_function(f"{points} === {len(rows)}", timeout=DEADLINE)
    # The picture follows the points: two classes, called 0 and 2 in the file.
    page.locator("#points-told").filter(has_text="1 = 2 (").wait_for()
    page.wait_for_selector(f"{FILM}[data-state=preview] .legend")
    page.click("#train")
    page.wait_for_selector("#run-report .confusion tbody tr >> nth=1", timeout=DEADLINE)
    assert "unknown" in page.inner_text("#run-report")
    screenshot(page, "playground-csv")


def test_every_control_of_the_playground_is_reached_by_tab_with_a_visible_focus(page, app_url):
    opened(page, app_url)
    wanted = set(page.evaluate(f"({STOPS})().map({NAME})"))
    assert len(wanted) > 30
    reached = set()
    for _ in range(2 * len(wanted)):
        page.keyboard.press("Tab")
        reached.add(name := page.evaluate(f"({NAME})(document.activeElement)"))
        assert name.startswith("BODY") or page.evaluate(FOCUS), f"no visible focus: {name}"
        if wanted <= reached:
            break
    assert wanted - reached == set()


def test_training_playing_and_scrubbing_work_by_keyboard(page, app_url):
    page.emulate_media(reduced_motion="no-preference")
    opened(page, app_url)
    page.focus("#train")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.focus("#playground-film [data-part=play]")
    page.keyboard.press("Space")
    paused = data(page, "epoch")
    page.wait_for_timeout(300)
    assert data(page, "epoch") == paused != "100"
    page.keyboard.press("Space")
    page.wait_for_function(
        f"epoch => document.querySelector('{FILM}').dataset.epoch !== epoch", arg=paused
    )
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert data(page, "epoch") == "100"
    page.focus(CANVAS)
    page.keyboard.press("ArrowLeft")
    assert 0 < int(data(page, "epoch")) < 100


def unfold(page) -> None:
    closed = page.locator("button.label-wrap:not(.open):visible")
    while closed.count():
        closed.first.click()
        page.wait_for_timeout(50)


def test_axe_finds_nothing_serious_in_light_and_dark(page, app_url):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is missing"
    ).Axe()
    found = []

    def look(place: str) -> None:
        page.mouse.move(0, 0)
        for dark in (False, True):
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
            page.wait_for_timeout(250)  # colours fade in
            options: dict = {"resultTypes": ["violations"]}
            exclude = [NOT_OURS]
            if dark:  # nothing but colours differs; those of code are set when the page opens
                options["runOnly"] = ["color-contrast"]
                exclude = [*exclude, [".cm-editor"]]
            answer = axe.run(page, {"exclude": exclude}, options).response
            found.extend(
                (place, dark, violation["id"], [node["html"][:120] for node in violation["nodes"]])
                for violation in answer["violations"]
                if violation["impact"] in ("serious", "critical")
            )

    page.emulate_media(reduced_motion="reduce")  # films jump to their end
    opened(page, app_url, "?training.epochs=20&__theme=light")
    page.click("#train")
    page.wait_for_selector("#run-report .confusion", timeout=DEADLINE)
    at_rest(page)
    page.click("#playground-film [data-part=keep]")
    page.click(CANVAS, position={"x": 150, "y": 100})
    page.wait_for_selector("#point-reading table", timeout=DEADLINE)
    unfold(page)
    page.click("#write-code")
    page.wait_for_selector("#code :text('make_')", timeout=DEADLINE)
    look("playground")
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
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        unfold(page)
        look(name)
    page.get_by_role("tab", name="Capstone").click()
    page.locator(".worlds[data-state=ready]").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    unfold(page)
    look("capstone")
    assert found == []
