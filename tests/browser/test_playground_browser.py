"""The playground as people use it: every path through the tab, in Chromium, on the served app."""

import json
import re
import time

import pytest

FILM = "#playground-film .film"
CANVAS = "#playground-film canvas.picture"
DEADLINE = 30_000
MOONS = (
    "?dataset.name=moons&dataset.samples=300&network.widths=[16,16]&training.optimizer=adam"
    "&training.learning_rate=0.01&training.epochs=200"
)


def opened(page, app_url: str, query: str = ""):
    page.goto(app_url + "/" + query)
    page.wait_for_selector(f"{FILM}[data-state=preview]", timeout=DEADLINE)
    return page


def trained(page):
    page.click("#train")
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.wait_for_selector("#run-report .figure-value", timeout=DEADLINE)
    return page


def data(page, name: str, film: str = FILM) -> str:
    return page.get_attribute(film, f"data-{name}")


def at_rest(page, film: str = FILM):
    """Waits until the film has played to its end."""
    page.wait_for_selector(f"{film} [data-part=play]:has-text('Play')", timeout=DEADLINE)
    return page


def unfold(page, elem_id: str) -> None:
    page.locator(f"#{elem_id} button").first.click()


@pytest.fixture(scope="module")
def done(shared_page, app_url):
    """The lesson's run, over, for tests that only look at it."""
    at_rest(trained(opened(shared_page, app_url)))
    return shared_page


def test_training_fills_the_film_the_curves_and_the_report(done, screenshot):
    assert data(done, "frames") == "60"
    assert data(done, "epoch") == "100"
    assert re.search(r"\d\d\.\d\s%", done.inner_text("#run-report"))
    assert "Hardest" in done.inner_text("#run-report") or "harder" in done.inner_text("#run-report")
    assert done.locator("#run-report .confusion tbody tr").count() == 4
    label = done.get_attribute("#playground-film .chart svg >> nth=1", "aria-label")
    assert label.startswith("Accuracy by epoch. At epoch 100: train ")
    screenshot(done, "playground")


def test_scrubbing_asks_nothing_of_the_server_and_is_quick(done):
    time.sleep(0.5)
    asked = []
    done.on("request", lambda request: asked.append(request.url))
    done.focus("#playground-film [data-part=scrubber]")
    epochs, times = set(), []
    for _ in range(30):
        done.keyboard.press("ArrowLeft")
        epochs.add(data(done, "epoch"))
        times.append(float(data(done, "draw-ms")))
    assert len(epochs) == 30
    assert asked == []
    assert sorted(times)[15] < 16


def test_arrow_keys_move_the_film_from_the_picture_itself(done):
    done.focus(CANVAS)
    done.keyboard.press("Home")
    assert data(done, "epoch") == "0"
    done.keyboard.press("ArrowRight")
    assert data(done, "epoch") == "1"
    done.keyboard.press("End")
    assert data(done, "epoch") == "100"
    assert "epoch 100" in done.get_attribute(CANVAS, "aria-label")


def test_reset_and_train_give_the_same_picture_again(page, app_url):
    opened(page, app_url, MOONS)
    snapshot = "document.querySelector('#playground-film canvas.picture').toDataURL()"
    page.wait_for_timeout(300)
    before = page.evaluate(snapshot)
    trained(page)
    at_rest(page)
    assert page.evaluate(snapshot) != before
    page.click("#reset")
    page.wait_for_selector(f"{FILM}[data-state=preview]")
    page.wait_for_timeout(300)
    assert page.evaluate(snapshot) == before


def test_a_step_is_one_epoch(page, app_url):
    opened(page, app_url)
    for epoch in ("1", "2", "3"):
        page.click("#step")
        page.wait_for_selector(f"{FILM}[data-state=done][data-epoch='{epoch}']", timeout=DEADLINE)


def test_stopping_ends_a_long_run_and_leaves_its_film(page, app_url):
    opened(page, app_url, "?training.epochs=20000&training.members=10")
    page.click("#stop")  # before anything was started
    page.click("#train")
    page.wait_for_selector(f"{FILM}[data-state=running]", timeout=DEADLINE)
    page.wait_for_function(f"document.querySelector('{FILM}').dataset.frames > 2")
    page.click("#stop")
    page.wait_for_selector(f"{FILM}[data-state=stopped]", timeout=DEADLINE)
    page.wait_for_timeout(500)  # for news that was on its way
    frames = int(data(page, "frames"))
    page.wait_for_timeout(1500)
    assert int(data(page, "frames")) == frames
    page.locator("#run-report", has_text="Stopped at epoch").wait_for()
    page.focus(CANVAS)
    page.keyboard.press("Home")
    assert data(page, "epoch") == "0"


def test_training_goes_on_where_it_was_stopped(page, app_url):
    opened(page, app_url, "?training.epochs=4000&training.members=10")
    page.click("#train")
    page.wait_for_function(f"document.querySelector('{FILM}').dataset.frames > 2")
    page.click("#stop")
    told = page.locator("#run-report", has_text="Stopped at epoch").inner_text()
    reached = int(re.search(r"epoch ([\d,]+)", told)[1].replace(",", ""))
    assert 0 < reached < 4_000
    frames = int(data(page, "frames"))
    page.wait_for_timeout(300)  # as long as a finger takes: the page is still cancelling
    page.click("#train")
    page.wait_for_selector(f"{FILM}[data-state=running]", timeout=DEADLINE)
    assert int(data(page, "frames")) >= frames
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.locator("#run-report", has_text="Test accuracy").wait_for()
    # After its end, or with other settings, it starts anew.
    page.click("#train")
    page.wait_for_selector(f"{FILM}[data-state=running]", timeout=DEADLINE)


def test_a_clicked_point_shows_logits_probabilities_and_prediction(done):
    done.click(CANVAS, position={"x": 150, "y": 100})
    done.wait_for_selector("#point-reading table", timeout=DEADLINE)
    text = done.inner_text("#point-reading")
    assert "predicts class" in text
    probabilities = re.search(r"\nProbabilities\s+(.*)", text).group(1).split()
    assert sum(map(float, probabilities)) == pytest.approx(1, abs=1e-3)


def test_own_points_are_drawn_removed_and_trained_on(page, app_url):
    opened(page, app_url)
    page.get_by_label("My own").check()
    page.wait_for_selector("#playground-film [data-part=pen]:visible", timeout=DEADLINE)
    points = page.locator("#dataset-points textarea")
    page.wait_for_function(
        "document.querySelector('#dataset-points textarea').value.split('\\n').length === 12"
    )
    page.locator("#playground-film [data-part=classes] label").nth(2).click()
    page.click(CANVAS, position={"x": 200, "y": 60})
    page.click(CANVAS, position={"x": 230, "y": 70})
    page.wait_for_function(
        "document.querySelector('#dataset-points textarea').value.split('\\n').length === 14"
    )
    assert points.input_value().splitlines()[-1].endswith(", 2")
    page.click(CANVAS, position={"x": 231, "y": 71}, modifiers=["Shift"])
    page.wait_for_function(
        "document.querySelector('#dataset-points textarea').value.split('\\n').length === 13"
    )
    trained(page)
    assert "unknown" in page.inner_text("#run-report")


def test_a_link_gives_the_same_numbers_in_a_fresh_browser(page, app_url, browser):
    trained(opened(page, app_url, MOONS + "&training.seed=7"))
    unfold(page, "share")
    page.click("#copy-link")
    page.wait_for_function("document.querySelector('#link textarea, #link input').value !== ''")
    link = page.input_value("#link textarea, #link input")
    assert "training.seed=7" in link
    context = browser.new_context()
    other = context.new_page()
    other.goto(link)
    other.wait_for_selector(f"{FILM}[data-state=preview]", timeout=DEADLINE)
    trained(other)
    figures = ".figure-value"
    ours, theirs = (p.locator(figures).all_inner_texts()[:4] for p in (page, other))
    context.close()
    assert ours == theirs


def test_a_teachers_link_hides_controls(page, app_url):
    opened(page, app_url, "?hide=network,exercises")
    assert page.locator("#section-data").is_visible()
    assert not page.locator("#section-network").is_visible()
    assert not page.locator("#exercises").is_visible()


def test_a_link_that_cannot_be_read_says_so_and_gives_the_usual_page(page, app_url):
    opened(page, app_url, "?training.epochs=many")
    page.wait_for_selector("text=training.epochs", timeout=DEADLINE)
    trained(page)


def test_a_setting_beyond_the_limit_is_answered_at_once(page, app_url):
    opened(page, app_url, "?network.widths=[256,256,256]&training.epochs=20000")
    page.click("#train")
    page.wait_for_selector("text=training.epochs", timeout=3000)


def test_two_kept_runs_lie_side_by_side_with_their_difference_marked(page, app_url, screenshot):
    trained(opened(page, app_url, MOONS))
    page.click("#playground-film [data-part=keep]")
    page.click("#network-activation input")
    page.get_by_role("option", name="tanh").click()
    trained(page)
    page.wait_for_selector(".film .stage-title:has-text('tanh')")
    page.click("#playground-film [data-part=keep]")
    unfold(page, "compare")
    page.wait_for_selector("#playground-compare .stage >> nth=1", timeout=DEADLINE)
    assert page.locator("#playground-compare .differs th").all_inner_texts() == ["Activation"]
    assert page.locator("#playground-compare .differs td").all_inner_texts() == ["ReLU", "tanh"]
    screenshot(page, "playground-compare")


def test_the_script_is_shown_for_the_settings_on_the_page(page, app_url):
    opened(page, app_url, MOONS)
    unfold(page, "code")
    page.click("#write-code")
    page.wait_for_selector("#code :text('make_moons')", timeout=DEADLINE)


def test_weights_and_figures_are_saved_as_files(done, tmp_path):
    unfold(done, "share")
    for button, name in [
        ("#save-weights", "playground.safetensors"),
        ("#playground-film [data-part=svg]", "run.svg"),
        ("#playground-film [data-part=png]", "run.png"),
    ]:
        with done.expect_download(timeout=DEADLINE) as download:
            done.click(button)
        path = tmp_path / name
        download.value.save_as(path)
        assert download.value.suggested_filename == name
        head = path.read_bytes()
        assert len(head) > 1000
        if name == "run.png":
            assert head.startswith(b"\x89PNG")
        if name == "run.svg":
            assert head.startswith(b"<svg")
        if name.endswith("safetensors"):
            size = int.from_bytes(head[:8], "little")
            assert "layers.0.weight" in json.loads(head[8 : 8 + size])


KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "spread", "activations"]


def test_each_exercise_runs_from_one_click(page, app_url, screenshot):
    opened(page, app_url)
    unfold(page, "exercises")
    film = "#exercise-film .film"
    for key in KEYS:
        page.click(f"#exercise-{key}")
        page.wait_for_function(
            "title => document.querySelector('#exercise-findings h3')?.textContent === title && "
            "document.querySelectorAll('#exercise-findings li').length > 0",
            arg=re.sub(r"^\d+\. ", "", page.inner_text(f"#exercise-{key}")),
            timeout=DEADLINE,
        )
        page.wait_for_selector(f"{film}[data-state=done]", timeout=DEADLINE)
        assert re.search(r"\d\.\d\s%", page.inner_text("#exercise-findings"))
        if key == "3":
            at_rest(page, film)
            screenshot(page, "exercise-3")
    # The last one left its settings in the controls, and the picture follows them.
    assert page.input_value("#network-activation input").startswith("none")
    assert "none" in page.inner_text(f"{FILM} .stage-title")
    assert data(page, "state") == "preview"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_sees_no_sideways_scroll(page, app_url, screenshot, theme):
    page.set_viewport_size({"width": 390, "height": 844})
    trained(opened(page, app_url, f"?__theme={theme}"))
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, f"playground-phone-{theme}")


def test_every_control_has_a_name(done):
    nameless = done.evaluate(
        """() => [...document.querySelectorAll(
          '#playground-film button, #playground-film input, #playground-film canvas[tabindex]')]
          .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim()
            || e.closest('label')?.textContent.trim()))
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []
