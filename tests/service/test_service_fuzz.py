"""Hostile calls of every function by every way in, a few hundred of the bench's thousands."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts.benchmarks.service.load_client import Page
from tests.tools.hostile_calls import WAYS, Call, Tally, hostile_calls, make_calls, text_of

CALLS = 150


@pytest.fixture(scope="module")
def fuzzed(server) -> tuple[Tally, str]:
    """What came of the calls, and what the app wrote into its log meanwhile."""
    before = len(server.log.read_bytes())
    calls = hostile_calls(Page.of(server.url), seed=1)
    # In a thread of its own: a browser test before this one may have left its event loop running.
    with ThreadPoolExecutor(1) as pool:
        tally = pool.submit(asyncio.run, make_calls(calls, CALLS, server.url)).result()
    return tally, server.log.read_bytes()[before:].decode(errors="replace")


def test_every_call_is_answered_and_every_way_is_tried(fuzzed):
    tally, _ = fuzzed
    assert tally.lost == []
    assert {kind.split()[0] for kind in tally.kinds} == set(WAYS)
    assert sum(tally.kinds.values()) == CALLS


def test_nothing_that_a_client_sends_leaves_a_stack_trace(fuzzed):
    _, log = fuzzed
    last = [part.strip().splitlines()[-1][:200] for part in log.split("Traceback")[1:]]
    assert last == []


def test_no_error_is_null(fuzzed):
    tally, _ = fuzzed
    assert tally.nulls == []


def test_a_refusal_of_a_public_endpoint_names_its_field(fuzzed):
    tally, _ = fuzzed
    assert tally.unnamed == []


def test_a_tool_refuses_half_a_character_and_a_path_by_the_name_of_the_field(server):
    functions = {f["api_name"]: f for f in Page.of(server.url).functions}
    calls = [
        Call("mcp", functions[name], values, {})
        for name, values in (
            ("predict_heart", ["\ud800"]),
            ("train_playground", [{"dataset": {"\ud800": 1}}]),
            ("predict_heart_batch", ["/etc/passwd"]),
        )
    ]
    with ThreadPoolExecutor(1) as pool:
        made = make_calls(iter(calls), len(calls), server.url)
        tally = pool.submit(asyncio.run, made).result()
    assert tally.kinds == {"mcp refused": len(calls)}
    assert tally.unnamed == tally.nulls == []


def test_the_same_seed_makes_the_same_calls(server):
    page = Page.of(server.url)
    first, again = (hostile_calls(page, seed=3) for _ in range(2))
    assert [str(next(first)) for _ in range(50)] == [str(next(again)) for _ in range(50)]


@pytest.mark.parametrize(
    "told",
    [
        b'{"error": "age: must be a number", "title": "Error"}',
        b'{"detail": "session_hash: must be 1 to 64 letters"}',
        b'event: error\ndata: {"error": "age: must be a number"}',
        b'data: {"msg":"process_completed","output":{"error":"age: must be"},"success":false}',
        b'event: message\r\ndata: {"result":{"content":[{"type":"text","text":"age: must be"}]}}',
        b'{"detail":[{"loc":["body","age"],"msg":"must be a number"}]}',
    ],
)
def test_the_text_of_a_refusal_is_found_whichever_way_it_came(told):
    assert text_of(told).startswith(("age: must be", "session_hash: must be"))
