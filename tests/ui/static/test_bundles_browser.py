"""The bundles in a browser: every export in reach, each module once, other tabs' only later."""

import re

import pytest

from classifiers.ui.static import CLASSIC_SCRIPTS, address, served_files
from classifiers.ui.static.bundles import BUNDLES

EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
STAGE = "#playground-stage .playground[data-phase=ready]"
LOOK = """async (addresses) => {
  const found = [];
  for (const address of addresses) {
    const { modules } = await import(new URL(address, location.origin));
    found.push(modules);
  }
  const names = {};
  let shared = 0;
  for (const modules of found) {
    for (const [name, module] of Object.entries(modules)) {
      shared += name in names && module === found.find((one) => name in one)[name];
      names[name] ??= Object.keys(module).filter((one) => module[one] !== undefined).sort();
    }
  }
  return [names, shared, found.reduce((sum, one) => sum + Object.keys(one).length, 0)];
}"""


@pytest.fixture
def fetched(page) -> list[str]:
    """The bundles that the page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    return asked


def test_every_export_of_every_module_is_in_reach_and_each_module_runs_once(shared_page, app_url):
    shared_page.goto(f"{app_url}/{address('charts/svg.js')}")
    bundles = [address(f"bundles/{name}.js") for name in BUNDLES]
    names, shared, total = shared_page.evaluate(LOOK, bundles)
    assert names == {
        name: sorted(EXPORT.findall(body.decode()))
        for name, body in served_files().items()
        if name.endswith(".js") and not name.startswith("bundles/") and name not in CLASSIC_SCRIPTS
    }
    assert shared == total - len(names) > 0  # what two bundles know is one and the same


def test_other_tabs_are_fetched_after_the_first_picture_or_when_they_are_opened(
    page, app_url, fetched
):
    page.goto(app_url)
    page.locator(STAGE).wait_for()
    page.wait_for_timeout(1000)
    assert fetched.count("page.js") == fetched.count("page.css") == 1
    assert not {"more.js", "heart.js", "capstone.js"} & set(fetched)
    assert not [name for name in fetched if name in ("stage.js", "card.js", "dom.js")]
    page.get_by_role("tab", name="Heart").click()
    page.locator('#patient[data-patient="now"]').wait_for()
    assert fetched.count("heart.js") == fetched.count("page.js") == 1
    for _ in range(600):  # it may have been asked for by now
        if "capstone.js" in fetched:
            break
        page.wait_for_timeout(50)
    assert fetched.count("capstone.js") == 1
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#sweeps svg").first.wait_for()


@pytest.mark.parametrize("link", ["?tab=heart", "?lesson=h3"])
def test_what_a_link_opens_is_fetched_with_the_page(page, app_url, fetched, link):
    page.goto(f"{app_url}/{link}")
    page.locator('#patient[data-patient="now"]').wait_for()
    order = [name for name in fetched if name in ("heart.js", "capstone.js", "join")]
    assert order[0] == "heart.js"
    # Before Gradio runs, which asks for the style sheets of its components.
    assert fetched.index("heart.js") < next(
        place for place, name in enumerate(fetched) if name.startswith("core-") and ".css" in name
    )
    assert fetched.count("heart.js") == 1
