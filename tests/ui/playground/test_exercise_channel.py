"""An exercise that a page has left ends; what nobody can have said ends nothing."""

from types import SimpleNamespace

import pytest

from classifiers.ui.parts.presses import Presses
from classifiers.ui.playground.exercises import _leave, _run
from tests.tools.app_client import told


def said(**data):
    return SimpleNamespace(_data=data)


def test_an_exercise_that_was_left_ends_even_before_it_began():
    news = told(_run(said(key="6", page="a page", press=1)))
    assert next(news)
    _leave(said(page="a page", press=1))
    assert list(news) == []
    assert list(told(_run(said(key="6", page="a page", press=1)))) == []
    later = list(told(_run(said(key="6", page="a page", press=2))))
    assert '"state":"done"' in later[-2].replace(" ", "")
    assert next(told(_run(said(key="6", page="another", press=1))))


@pytest.mark.parametrize("name", [None, 3, ["x"], {}, "x" * 100])
@pytest.mark.parametrize("press", [None, "1", 1.0, True, []])
def test_what_no_page_says_is_neither_kept_nor_an_error(name, press):
    presses = Presses()
    presses.leave(name, press)
    presses.leave("page", press)
    presses.leave(name, 1)
    assert len(presses) == 0
    assert not presses.is_left(name, press)
    assert not presses.is_left("page", 1)
