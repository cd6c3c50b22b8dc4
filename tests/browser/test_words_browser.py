"""The words of the field on each tab: in the one glossary, and explained where they stand."""

import re
from typing import Any

import pytest

from classifiers.recipes.guide.glossary import EVERYDAY, GLOSSARY
from classifiers.ui.static import address
from tests.browser.capstone.sweeps_page import open_tab as open_capstone
from tests.browser.heart.explorer_page import open_heart, open_tab
from tests.browser.heart.test_table_browser import send
from tests.conftest import DESK
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

# What nobody knows who has not learned it: wherever it is shown, the glossary has it.
FIELD = (
    "accuracy", "angiography", "AUC", "batch size", "bayes error", "bias", "Brier", "calibrat",
    "confusion matrix", "cross-entropy", "cross-validat", "dropout", "epoch", "F1",
    "false negative", "false positive", "gradient", "held out", "held-out", "learning rate",
    "log loss", "log odds", "log-odds", "logit", "logistic", "loss", "median", "momentum",
    "net benefit", "one-hot", "odds", "optimi", "out of fold", "out-of-fold", "overfit",
    "precision", "predictive value", "recall", "regress", "regularis", "ROC", "sensitivity",
    "Shapley", "sigmoid", "softmax", "specificity", "standard deviation", "temperature",
    "threshold", "underfit", "variance", "weight decay",
)  # fmt: skip
SIGNS = {
    "±": "±",
    "percentage points": r"(?<!\w)(?:percentage points?|[−+-]\d[\d.]*\spoints|\d+\.\d\spoints)",
    "[a, b]": r"\[[−+-]?\d[^\[\]]*, [−+-]?\d[^\[\]]*\]",
}
# What is in sight, but for what is pressed; words in drawings apart; what is explained, and how.
READ = """(root) => {
  const apart = 'button, a, summary, select, option, textarea, pre, code, label:has(input), '
    + '[role="button"], .unseen, dfn:not([data-term])';
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const [texts, drawn] = [[], []];
  while (walker.nextNode()) {
    const { data, parentElement: place } = walker.currentNode;
    if (!data.trim() || place.closest(apart) || !place.checkVisibility()) continue;
    (place.closest('svg') ? drawn : texts).push(data);
  }
  const words = [...root.querySelectorAll('[data-term]')].filter((e) => e.checkVisibility());
  const places = words.map((word) => word.parentElement);
  const moved = places.filter((place) => getComputedStyle(place).display === 'flex'
    && [...place.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.data.trim()));
  return { moved: moved.map((place) => place.textContent),
    text: texts.join(' ').replace(/\\s+/g, ' '), drawn: drawn.join(' | '),
    words: Object.fromEntries(words.map((e) => [e.dataset.term,
      document.getElementById(e.getAttribute('aria-describedby'))?.textContent ?? null])) };
}"""
# Until a page has been drawn, and has then said nothing new for longer than the 200 ms after which
# it is looked through.
REST = """const rest = (root) => new Promise((done) => {
  let waits = 0;
  const end = () => { changes.disconnect(); done(); };
  const again = () => {
    clearTimeout(waits);
    waits = setTimeout(end, 250);
  };
  const changes = new MutationObserver((all) => {
    const place = ({ target }) => (target instanceof Element ? target : target.parentElement);
    if (all.some((one) => !place(one)?.closest('svg'))) again();
  });
  changes.observe(root, { childList: true, characterData: true, subtree: true, attributes: true });
  requestAnimationFrame(() => requestAnimationFrame(again));
  setTimeout(end, 12_000);
});"""
SETTLE = f"""async (root) => {{
  {REST}
  for (const fold of root.querySelectorAll('details')) fold.open = true;
  const seen = () => [...root.querySelectorAll('[data-term]')].some((e) => e.checkVisibility());
  for (let i = 0; i < 40 && (i === 0 || !seen()); i += 1) await rest(root);
}}"""
# Each word in turn, as Tab comes to it: what is shown, and whether all of it is on the screen.
FOCUS = """async (root) => {
  const told = [];
  for (const word of root.querySelectorAll('dfn')) {
    if (!word.checkVisibility()) continue;
    word.scrollIntoView({ block: 'center' });
    await new Promise(requestAnimationFrame); // scrolling is told of at the frame's beginning
    word.focus({ preventScroll: true });
    const box = document.getElementById('gloss');
    const { left, right, top, bottom } = box.getBoundingClientRect();
    told.push([word.dataset.term ?? '', box.hidden ? '' : box.textContent,
      word.tabIndex, left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight]);
    word.blur();
  }
  return told;
}"""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def pattern(term: str) -> str:
    if term in SIGNS:
        return SIGNS[term]
    spelled = re.escape(term).replace(r"\ ", r"[\s-]").replace("’", "['’]")
    return rf"(?<![\w-]){spelled}(?:s|es)?(?!\w)"


def unexplained(tab: str, told: dict[str, Any]) -> list[str]:
    """Words of the glossary and of the field that stand in the text without their explanation."""
    left, missing = told["text"], []
    for term in sorted(GLOSSARY[tab], key=len, reverse=True):
        if term not in EVERYDAY and re.search(pattern(term), left, re.IGNORECASE):
            missing += [] if told["words"].get(term) == GLOSSARY[tab][term] else [term]
            left = re.sub(pattern(term), " ", left, flags=re.IGNORECASE)
    for word in told["words"]:
        left = re.sub(pattern(word), " ", left, flags=re.IGNORECASE)
    known = " ".join(told["words"]).lower()
    for word in FIELD:
        found = re.search(rf"(?<![\w-]){re.escape(word)}\w*", left, re.IGNORECASE)
        missing += [f"{found[0]}: in no glossary"] if found else []
        drawn = re.search(rf"(?<![\w-]){re.escape(word)}", told["drawn"], re.IGNORECASE)
        missing += [f"{word}: drawn"] if drawn and word.lower() not in known else []
    return missing


def settled(root: Any) -> dict[str, Any]:
    """After all that is folded is open, and what was shown last has been looked through."""
    root.evaluate(SETTLE)
    told: dict[str, Any] = root.evaluate(READ)
    return told


PANEL = "xpath=ancestor::*[@role='tabpanel'][1]"
PLACES = {
    "patient": ("heart", "Patient", "#patient"),
    "threshold": ("heart", "Threshold", "#explorer .explorer"),
    "table": ("heart", "Table", ".batch"),
    "lessons": ("heart", "Lessons", f"#heart-lessons >> {PANEL}"),
    "record": ("heart", "Record", f"#heart-record >> {PANEL}"),
    "worlds": ("capstone", "", "#capstone-worlds .worlds"),
    "sweeps": ("capstone", "", "#sweeps .sweeps"),
    "early": ("capstone", "", "#early .early"),
}


@pytest.fixture(scope="module")
def heart(shared_page, app_url):
    open_heart(shared_page, app_url)
    return shared_page


@pytest.fixture(scope="module")
def capstone(shared_page, app_url):
    page = shared_page.context.new_page()
    yield open_capstone(page, app_url)
    page.close()


@pytest.fixture(scope="module", params=PLACES)
def place(request):
    """A part of a tab with all that it says in sight: its page, its tab, its root."""
    tab, name, root = PLACES[request.param]
    page = request.getfixturevalue(tab)
    if name:
        open_tab(page, name)
    if name == "Table" and not page.locator('.batch[data-state="ok"]').count():
        send(page, "#patients-file", "own.csv", to_csv(invent_patients(), UCI_HEADER))
        page.locator('.batch[data-state="ok"]').wait_for()
    if name == "Lessons":
        page.locator("#heart-lessons h2").wait_for()
        page.locator("#heart-exercise-9").click()
        page.locator("#heart-exercise li").first.wait_for()
    if name == "Record":
        page.locator("#heart-record h3").first.wait_for()
        page.get_by_role("button", name="The full card").click()
    return page, tab, page.locator(root)


def test_every_word_is_explained_where_it_stands_and_to_the_keyboard(place):
    page, tab, root = place
    page.set_viewport_size(DESK)
    told = settled(root)
    assert len(told["words"]) >= 2
    for term, text in told["words"].items():
        assert text == GLOSSARY[tab][term]
    assert unexplained(tab, told) == []
    assert told["moved"] == [], "a word stands away from its sentence"
    if tab == "capstone":  # on Heart they are shown alike, by the same code
        check_keyboard(page, tab, root)
    page.set_viewport_size({"width": 390, "height": 844})
    root.evaluate(SETTLE)
    check_keyboard(page, tab, root)


def check_keyboard(page, tab: str, root: Any) -> None:
    """Whoever tabs through the words reads each explanation within the screen."""
    told = root.evaluate(FOCUS)
    assert told
    for term, text, stop, inside in told:
        assert stop == 0
        assert inside, term
        assert text, term
        assert text == GLOSSARY[tab].get(term, text)
    assert page.evaluate(SIDEWAYS) <= 0


WATCHED = """async (address) => {
  REST
  const { watchWords } = await import(new URL(address, location.origin));
  document.body.innerHTML = '<div style="height: 200px; width: 200px; overflow: hidden">'
    + '<p id="said">Nothing yet</p><b id="number">1</b><svg><text>loss</text></svg></div>';
  const root = document.body.firstElementChild;
  let looks = 0;
  root.checkVisibility = () => { looks += 1; return true; };
  watchWords(root, 'capstone');
  const wait = () => rest(document.body);
  await wait();
  const first = looks;
  for (let i = 0; i < 5; i += 1) {
    document.querySelector('#number').textContent = String(i);
    root.querySelector('svg').replaceChildren(document.createElementNS(
      'http://www.w3.org/2000/svg', 'circle'));
  }
  await wait();
  const drawn = looks - first;
  document.querySelector('#said').textContent = 'The loss at an epoch';
  await wait();
  return [drawn, [...root.querySelectorAll('dfn')].map((word) => word.firstChild.textContent)];
}"""


def test_new_words_are_found_where_nothing_changes_its_size_and_drawings_are_let_be(page, app_url):
    page.goto(f"{app_url}/{address('page/words.js')}")
    drawn, found = page.evaluate(WATCHED.replace("REST", REST), address("page/words.js"))
    assert drawn == 0
    assert found == ["loss", "epoch"]


MOVED = """async (where) => {
  REST
  const { watchWords } = await import(`/${where}`);
  const root = document.createElement('div');
  root.style.cssText = 'width: 300px; height: 300px'; // whatever it says
  root.innerHTML = '<p>The loss falls.</p><p>The loss, again.</p><section><b>1 epoch</b></section>';
  document.body.append(root);
  const wait = () => rest(root);
  const marked = () => [...root.querySelectorAll('dfn')].filter((one) => one.checkVisibility())
    .map((one) => `${one.firstChild.textContent} in ${one.parentElement.textContent}`);
  const seen = [];
  const after = async (change) => { change(); await wait(); seen.push(marked()); };
  watchWords(root, 'playground');
  const [first, second] = root.querySelectorAll('p');
  await after(() => {});
  await after(() => { first.hidden = true; });
  await after(() => { second.textContent = 'Nothing.'; first.hidden = false; });
  await after(() => { second.append(' Its loss.'); });
  await after(() => { first.replaceChildren('Nothing here.'); });
  return seen;
}"""


def test_a_word_that_is_no_longer_seen_is_explained_where_it_is_left(page, app_url):
    page.goto(f"{app_url}/{address('page/words.js')}")
    seen = page.evaluate(MOVED.replace("REST", REST), address("page/words.js"))
    assert [words[0] for words in seen] == [
        "loss in The loss falls.",
        "loss in The loss, again.",  # the first is hidden
        "loss in The loss falls.",  # it is back, the second gone
        "loss in The loss falls.",  # one is enough
        "loss in Nothing. Its loss.",  # what was explained is gone
    ]
    assert all(words[1:] == ["epoch in 1 epoch"] for words in seen)
