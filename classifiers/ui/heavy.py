"""Heavy work of the page and of scripts: runs take turns, and who waits reads a place in line."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.turns import Job, Owner, Turns
from classifiers.ui.gradio_internals import Asker
from classifiers.ui.guard import give_back_memory

_UNHEARD_SECONDS = 10.0  # then a run gives its place back
_WAIT_SECONDS = 0.3  # less than this is not worth a word
_LOOK_SECONDS = 2.0
_MOST_UNREAD = 50  # messages; some of them are large

# Listeners with heavy work share one line of Gradio's, which lets all through: the turns decide.
HEAVY: dict[str, Any] = {"concurrency_id": "heavy", "concurrency_limit": None}


@functools.cache
def the_turns() -> Turns:
    """The line of all visitors."""
    return Turns(threads=2)


def takes_turns(
    run: Callable[..., Iterator[Any]],
    *,
    long: bool = False,
    refused: Callable[..., Any] | None = None,
) -> Callable[..., AsyncIterator[Any]]:
    """Makes a listener or an endpoint of a run, as `classifiers.turns` knows them.

    Args:
        run: gives a generator of what the listener yields, and of None.
        long: of a kind of which one visitor may have only so many.
        refused: takes the error and the inputs; what to yield where there is no room.
    """

    @functools.wraps(run)
    async def listener(*inputs: Any, **named: Any) -> AsyncIterator[Any]:
        news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def notify() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(news.set)

        asker = Asker.current()
        owner = Owner(asker.address, asker.session)
        try:
            job = the_turns().enter(run(*inputs, **named), owner, long=long, notify=notify)
        except ClassifiersError as error:
            if refused is None:
                raise gr.Error(str(error), print_exception=False) from None
            yield refused(error, *inputs)
            return
        try:
            async for told in _follow(job, news, asker):
                yield told
        finally:
            job.leave()
            _give_back_memory_soon(loop)

    return listener


async def _follow(job: Job, news: asyncio.Event, asker: Asker) -> AsyncIterator[Any]:
    """The news of a job as they come; in between the asker reads a place in line."""
    loop = asyncio.get_running_loop()
    next_place = next_look = time.monotonic() + _WAIT_SECONDS
    while True:
        news.clear()
        reads = asker.unread < _MOST_UNREAD  # else the run waits for its reader
        told, ended = job.collect() if reads else ([], False)
        for value in told:
            yield value
        if ended and job.error is not None:
            if isinstance(job.error, ClassifiersError):
                raise gr.Error(str(job.error), print_exception=False)
            raise job.error
        if ended:
            return
        now = time.monotonic()
        if told:
            next_place = now + 1.0
        elif now >= next_place:
            place = the_turns().place(job)
            if place is not None:
                asker.tell_place(place.number, place.seconds, str(place))
            # Who is next is told more often than who is far behind.
            next_place = now + 1.0 + (place.number / 20 if place else 0.0)
        if now >= next_look:
            if asker.is_gone(_UNHEARD_SECONDS):
                return
            next_look = now + _LOOK_SECONDS
        pause = max(0.05, min(next_place, next_look) - now) if reads else 0.1
        timer = loop.call_later(pause, news.set)
        await news.wait()
        timer.cancel()


_trimming: set[asyncio.TimerHandle] = set()


def _give_back_memory_soon(loop: asyncio.AbstractEventLoop) -> None:
    """Once for all the runs that end within a few seconds."""
    if _trimming:
        return

    def trim() -> None:
        _trimming.clear()
        loop.run_in_executor(None, give_back_memory)

    _trimming.add(loop.call_later(3.0, trim))
