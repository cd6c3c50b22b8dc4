"""The sweeps that the capstone shows at once: computed by scripts/train.py, shipped as records."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.artifacts import canonical_json, write_whole
from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.errors import ArtifactError, ConfigError
from classifiers.recipes.capstone.records import load_record, save_record
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.optimism import early_stopping_optimism
from classifiers.recipes.sweep.parts import digest, sweep_digest

COMMAND = "capstone-sweeps"
OPTIMISM = "optimism"


@dataclass(frozen=True)
class Plan:
    """What is computed: sweeps, and the optimism of early stopping with so many members."""

    sweeps: tuple[SweepConfig, ...]
    optimism: PlaygroundConfig
    optimism_members: int


def full_plan() -> Plan:
    """What ships. The big network, on which weight decay is tried, takes most of the time."""
    varied = ("width", "weight_decay", "dropout", "samples", "noise")
    sweeps = tuple(SweepConfig.parse({"over": over, "members": 20}) for over in varied)
    return Plan(sweeps, optimism=SweepConfig().base, optimism_members=50)


def write_sweeps(
    folder: str | Path,
    checkpoint: str | Path,
    plan: Plan,
    *,
    workers: int = 1,
    report: Callable[[str], None] = print,
) -> None:
    """Computes what is planned into `folder/records`.

    What is done is kept in `checkpoint` until all is: started again, it goes on there. The records
    are replaced at the end, so that those shown are of one run.
    """
    checkpoint = Path(checkpoint)
    records: dict[str, Any] = {}
    for config in plan.sweeps:
        report(f"{config.over}: {len(config.values)} values x {config.members} members")

        def sweep(output: Path, config: SweepConfig = config) -> None:
            write_sweep(config, output, workers=workers, report=report)

        records[config.over] = _once(checkpoint / f"{sweep_digest(config)}.json", sweep)
    report(f"early stopping: {plan.optimism_members} members")

    def watch(output: Path) -> None:
        *_, result = early_stopping_optimism(plan.optimism, members=plan.optimism_members)
        write_whole(output, canonical_json(result).encode())

    key = digest([OPTIMISM, plan.optimism.to_dict(), plan.optimism_members])
    records[OPTIMISM] = _once(checkpoint / f"{key}.json", watch)
    for name, record in records.items():
        save_record(folder, name, record)
    shutil.rmtree(checkpoint)


def _once(output: Path, compute: Callable[[Path], None]) -> dict[str, Any]:
    """What `compute` writes to `output`, unless it did before."""
    if not output.exists():
        output.parent.mkdir(parents=True, exist_ok=True)
        compute(output)
    return json.loads(output.read_bytes())


def load_sweep(folder: str | Path, over: str) -> tuple[SweepConfig, dict[str, Any]]:
    """A stored sweep: its config and its result.

    Raises:
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    record = load_record(folder, over, COMMAND)
    try:
        config = SweepConfig.parse(record.get("config"))
    except ConfigError as error:
        raise ArtifactError(f"{over}.json", f"holds no config of a sweep ({error})") from None
    if config.over != over:
        raise ArtifactError(f"{over}.json", f"must hold a sweep over {over}, not {config.over}")
    return config, record


def load_optimism(folder: str | Path) -> dict[str, Any]:
    """The stored result of `early_stopping_optimism`.

    Raises:
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    return load_record(folder, OPTIMISM, COMMAND)
