"""How the worlds look and are reached: on a phone, by keyboard, for a screen reader, when empty."""

import shutil

import pytest

from classifiers.recipes.guide.glossary import GLOSSARY
from classifiers.ui.models import weights_folder
from tests.browser.capstone.worlds_page import WORLDS, WorldsPage
from tests.conftest import Server, in_window

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    return WorldsPage(shared_page).open(app_url)


@pytest.fixture
def worlds(opened):
    """As many as were drawn before, the first on show at its end."""
    opened.go(0)
    opened.end()
    opened.page.evaluate("scrollTo(0, 0)")
    return opened


def test_nothing_overflows_on_a_phone_and_the_networks_are_a_row_to_swipe(worlds, screenshot):
    page = worlds.page
    with in_window(page, 390, 844, "dark"):
        worlds.draw()
        screenshot(page, "capstone-390")
        assert page.evaluate(SIDEWAYS) <= 0
        columns = worlds.part("columns")
        assert columns.evaluate("(e) => e.scrollWidth > 2.5 * e.clientWidth")
        page.locator(f"{WORLDS} .segments button", has_text="About right").click()
        page.wait_for_function(
            "document.querySelector('.worlds .segments :nth-child(3)').ariaPressed === 'true'"
        )
        big = worlds.column("good").bounding_box()
        assert 0 <= big["x"] <= 40
        # Nothing to press is smaller than a finger.
        heights = page.locator(
            f"{WORLDS} .inner > :is(.bar, .segments) button:visible"
        ).evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().height)")
        assert heights
        assert min(heights) >= 38
        for name in ("budget-block", "reliability-block"):
            box = worlds.part(name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        columns.evaluate("(e) => e.scrollTo(0, 0)")


def test_a_wide_window_has_all_of_a_world_in_its_first_screen(worlds, screenshot):
    page = worlds.page
    with in_window(page, 1440, 940):
        worlds.draw()
        screenshot(page, "capstone-wide")
        strip = page.locator(f"{WORLDS} .strip-of-worlds").last.bounding_box()
        assert strip["y"] + strip["height"] <= 940
        assert page.evaluate(SIDEWAYS) <= 0
        tops = [worlds.column(name).bounding_box()["y"] for name in ("underfit", "overfit", "good")]
        assert len(set(tops)) == 1
        # Nothing that appears moves the pictures.
        before = page.locator(f"{WORLDS} .picture").first.bounding_box()
        worlds.draw()
        for show in ("best", "others", "regret"):
            page.locator(f'{WORLDS} [data-show="{show}"]').click()
        assert page.locator(f"{WORLDS} .picture").first.bounding_box() == before


def test_all_of_it_works_by_keyboard(worlds):
    page, before = worlds.page, int(worlds.says("drawn"))
    worlds.part("draw").focus()
    page.keyboard.press("Enter")
    worlds.settle(drawn=before + 1, world=before)
    plots, strips = page.locator(f"{WORLDS} .plots"), page.locator(f"{WORLDS} .strip-of-worlds")
    plots.nth(1).press("Home")
    assert worlds.says("epoch") == "0"
    plots.nth(1).press("ArrowRight")
    assert plots.nth(1).get_attribute("aria-valuetext") == f"epoch {worlds.text('epoch')}"
    strips.nth(2).press("ArrowLeft")
    worlds.settle(world=before - 1)
    told = strips.nth(2).get_attribute("aria-valuetext")
    assert told.startswith(f"world {before} of {before + 1}: fresh ")
    word = page.locator(f"{WORLDS} dfn", has_text="epoch")
    word.focus()
    gloss = page.locator("#gloss")
    gloss.wait_for()
    assert gloss.inner_text() == GLOSSARY["capstone"]["epoch"]
    described = word.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == gloss.inner_text()
    page.keyboard.press("Escape")
    assert not gloss.is_visible()


def test_the_training_is_played_and_paused(worlds):
    page, play = worlds.page, worlds.part("play")
    play.click()
    page.wait_for_function("document.querySelector('.worlds').dataset.epoch === '0'")
    assert play.get_attribute("aria-label") == "Pause"
    page.wait_for_function("Number(document.querySelector('.worlds').dataset.epoch) > 2")
    play.click()
    stood = worlds.says("epoch")
    page.wait_for_timeout(700)
    assert worlds.says("epoch") == stood
    assert play.get_attribute("aria-label") == "Play the training"


def test_worlds_are_drawn_one_after_the_other_for_who_likes_motion(worlds):
    page, before = worlds.page, int(worlds.says("drawn"))
    page.emulate_media(reduced_motion="no-preference")
    many = int(worlds.text("more").split()[1])
    worlds.part("more").click()
    page.wait_for_function(f"document.querySelector('.worlds').dataset.drawn > {before + 1}")
    assert int(worlds.says("drawn")) < before + many
    worlds.settle(drawn=before + many, world=before + many - 1)
    page.emulate_media(reduced_motion="reduce")


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """The app without the records of worlds."""
    folder = tmp_path_factory.mktemp("weights") / "weights"
    shutil.copytree(weights_folder(), folder)
    for path in (folder / "capstone" / "records").glob("worlds-*"):
        path.unlink()
    server = Server(tmp_path_factory.mktemp("server"), WEIGHTS_DIR=str(folder))
    yield server
    server.stop()


def test_without_records_the_tab_says_what_to_do_and_still_draws(page, without):
    page.goto(without.url)
    page.get_by_role("tab", name="Capstone").click()
    worlds = WorldsPage(page)
    worlds.part("trouble").filter(has_text="scripts/train.py").wait_for()
    assert "still trains new worlds" in worlds.text("trouble")
    worlds.part("rule").select_option("own")
    box = page.locator('[data-key="training.epochs"]')
    box.fill("5")
    box.press("Tab")
    worlds.part("draw").click()
    worlds.settle(rule="own", drawn=1)
    assert worlds.text("trouble") == ""
