"""Where the heart steps send a reader: each place is there, once its inner tab is opened."""

import pytest

from classifiers.recipes.guide.heart import STEPS


@pytest.fixture(scope="module")
def heart(shared_page, app_url):
    shared_page.set_viewport_size({"width": 1440, "height": 900})
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    return shared_page


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_step_s_place_is_on_the_page(heart, step):
    inner, _, selector = step.place.partition(" ")
    heart.get_by_role("tab", name=inner, exact=True).click()
    found = heart.locator(selector)
    found.wait_for()
    assert found.count() == 1
    found.wait_for()
