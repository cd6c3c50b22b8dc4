"""Thousands of hostile calls of every function by every way in, and what is left of them."""

import argparse
import asyncio
from collections import Counter

from scripts.benchmarks.service.load_client import Script
from scripts.benchmarks.service.process import PATIENT, Checks, Service, Vitals, warm
from tests.tools.hostile_calls import hostile_calls, make_calls

MOST_WARM = 1000  # calls until everything has been used once
SETTLING = 20  # seconds for what was cut to end, and connections to close
SLACK = 2  # threads and files that come and go with a connection


async def settled(app: Service) -> Vitals:
    await asyncio.sleep(SETTLING)
    return app.vitals()


async def bench_fuzz(app: Service, args: argparse.Namespace) -> None:
    await warm(app, {})
    checks = Checks(f"{args.calls:,} fuzzed calls, seed {args.seed}")
    calls = hostile_calls(app.page, args.seed)
    first = min(MOST_WARM, args.calls // 5)
    tallies = [await make_calls(calls, first, app.url)]
    before = await settled(app)
    tallies.append(await make_calls(calls, args.calls - first, app.url))
    after = await settled(app)
    kinds = sum((tally.kinds for tally in tallies), Counter())
    checks.note(", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    checks.none_of("stack traces", app.traces())
    for what, field in (
        ("refusals of public endpoints that name no field", "unnamed"),
        ("errors that are null", "nulls"),
        ("calls without any answer", "lost"),
    ):
        checks.none_of(what, [text for tally in tallies for text in getattr(tally, field)])
    checks.note(f"memory {before.megabytes:.0f} MB after {first:,} calls, {after.megabytes:.0f}")
    checks.at_most("ratio", after.megabytes / before.megabytes, 1.1, "x")
    for what in ("threads", "files"):
        now, then = getattr(after, what), getattr(before, what)
        checks.at_most(f"{what} more than {then}", now - then, SLACK)
    script = Script(app.url)
    for name, values in (
        ("predict_heart", PATIENT),
        ("train_playground", [{"training": {"epochs": 20}}]),
    ):
        try:
            await script.call(name, *values, seconds=60)
            checks.note(f"/{name} answers afterwards")
        except Exception as error:
            checks.held(f"/{name} afterwards: {error}", False)
    checks.close()
