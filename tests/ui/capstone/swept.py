"""Small sweeps, computed as a visitor's own are."""

from classifiers.config import SweepConfig
from classifiers.recipes.sweep.run import run_sweep

TINY = {"base": {"dataset": {"samples": 60}, "network": {"widths": [4]}}}


def swept(asked: dict) -> tuple[SweepConfig, dict]:
    config = SweepConfig.parse({**TINY, **asked})
    *_, last = run_sweep(config)
    return config, dict(enumerate(last.result["rows"]))
