"""The Patient sub-tab as a test finds it: opened once a module, with the same patient each time."""

from types import SimpleNamespace

import pytest

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.ui.heart.patient.form import FIRST_SAMPLE, sample
from tests.browser.heart.explorer_page import open_heart, start_afresh

NAMES = tuple(SAMPLE_PATIENTS)
NOW = '#patient[data-patient="now"]'
EXPLAINED = f'{NOW} #why .why[data-state="ok"]'


# What is there to press that leaves no patient before, none beside, and no threshold of one's own.
FORGET = """() => {
  const named = (name) => (button) => button.textContent.trim() === name;
  for (const wanted of [named('Stop comparing'), named('Dismiss'),
    (button) => button.dataset.part === 'reset']) {
    [...document.querySelectorAll('#risk button')].find((button) => wanted(button)
      && button.checkVisibility())?.click();
  }
}"""


class PatientTab:
    """What a visitor does on the sub-tab, and what the page says then."""

    def __init__(self, page) -> None:
        self.page = page

    def open(self, url: str) -> "PatientTab":
        self.page.goto(url)
        self.page.locator("[role=tab]:text-is('Heart')").click()
        return self.settle()

    def settle(self) -> "PatientTab":
        """Until what was asked last is answered."""
        self.page.locator(NOW).wait_for()
        return self

    def pick(self, name: str) -> "PatientTab":
        self.page.locator(f'.sample:text-is("{name}")').click()
        return self.settle()

    def type(self, field: str, text: str) -> None:
        box = self.page.locator(f"#field-{field} [type=text]")
        box.fill(text)
        box.press("Enter")

    def choose(self, field: str, label: str) -> None:
        self.page.locator(f"#field-{field}").get_by_label(label, exact=True).check()

    def part(self, name: str):
        return self.page.locator(f'#risk [data-part="{name}"]')

    def text(self, name: str) -> str:
        return self.part(name).inner_text()

    def slide(self, percent: int) -> None:
        self.part("slider").evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }",
            percent,
        )

    def values(self) -> dict:
        """What stands in the form, as a person reads it: a number, a code, or None."""
        found = self.page.evaluate(
            """(names) => names.map((name) => {
              const row = document.getElementById(`field-${name}`);
              const box = row.querySelector('[type=text]');
              return box ? box.value : row.querySelector(':checked')?.value ?? '';
            })""",
            list(FEATURE_NAMES),
        )
        return {
            name: None if text == "" else float(text)
            for name, text in zip(FEATURE_NAMES, found, strict=True)
        }


@pytest.fixture(scope="module")
def opened(shared_page, app_url) -> PatientTab:
    return PatientTab(shared_page).open(app_url)


@pytest.fixture
def tab(opened) -> PatientTab:
    """The tab with the patient it opens with, nobody before, and the threshold it begins with."""
    opened.pick(FIRST_SAMPLE)
    opened.page.evaluate(FORGET)
    return opened


@pytest.fixture(scope="module")
def threshold_tab(shared_page, app_url):
    open_heart(shared_page, app_url)
    return shared_page


@pytest.fixture
def explorer(threshold_tab, model):
    """The Threshold sub-tab as it opens."""
    start_afresh(threshold_tab, model)
    return threshold_tab


@pytest.fixture
def first() -> dict:
    return sample(FIRST_SAMPLE)


@pytest.fixture(scope="session")
def names() -> SimpleNamespace:
    """Sample patients by what they are for."""
    return SimpleNamespace(healthy=NAMES[0], sick=NAMES[1], first=FIRST_SAMPLE, basics=NAMES[-1])


@pytest.fixture
def questions(tab) -> list[dict]:
    """What the page asks the server from now on."""
    asked: list[dict] = []

    def note(request) -> None:
        if "queue/join" in request.url:
            asked.append(request.post_data_json)

    tab.page.locator(EXPLAINED).wait_for()  # which is asked for after the risk
    tab.page.on("request", note)
    yield asked
    tab.page.remove_listener("request", note)
