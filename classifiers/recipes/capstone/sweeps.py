"""The sweeps that the capstone shows at once: computed by scripts/train.py, shipped as records."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.artifacts import canonical_json, write_whole
from classifiers.config import AXES, Axis, PlaygroundConfig, SweepConfig
from classifiers.errors import ArtifactError, ConfigError
from classifiers.recipes.capstone.records import load_record, record_exists, save_record
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.optimism import early_stopping_optimism
from classifiers.recipes.sweep.parts import digest, sweep_digest
from classifiers.wording import counted

COMMAND = "capstone-sweeps"
OPTIMISM = "optimism"
_FORMER = f"was written by an earlier version; write it anew with scripts/train.py {COMMAND}"
# Two at once, and their values: how big is too big depends on the points; decay acts otherwise when
# it is decoupled, and from other values on.
PAIRS: dict[tuple[Axis, Axis], tuple[list[Any], list[Any]]] = {
    ("width", "samples"): ([2, 4, 8, 16, 32, 64], [50, 100, 200, 500, 1000]),
    ("weight_decay", "optimizer"): ([0, 1e-4, 1e-3, 1e-2, 0.1, 1.0], ["adam", "adamw"]),
}


class FormerRecord(ArtifactError):
    """A record of an earlier version, which measured otherwise."""


@dataclass(frozen=True)
class Plan:
    """What is computed: sweeps, and the optimism of early stopping with so many members."""

    sweeps: tuple[SweepConfig, ...]
    optimism: PlaygroundConfig
    optimism_members: int


def full_plan() -> Plan:
    """What ships: every setting alone over 100 worlds, and `PAIRS` over 20."""
    single = [{"over": over, "members": 100} for over in AXES]
    pairs = [
        {"over": over, "and_over": also, "values": values, "and_values": others, "members": 20}
        for (over, also), (values, others) in PAIRS.items()
    ]
    sweeps = tuple(SweepConfig.parse(asked) for asked in [*single, *pairs])
    return Plan(sweeps, optimism=SweepConfig().base, optimism_members=400)


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
        name = record_name(config.over, config.and_over)
        report(f"{name}: {counted(config.count, 'setting')} x {counted(config.members, 'member')}")

        def sweep(output: Path, config: SweepConfig = config) -> None:
            write_sweep(config, output, workers=workers, report=report)

        records[name] = _once(checkpoint / f"{sweep_digest(config)}.json", sweep)
    report(f"early stopping: {counted(plan.optimism_members, 'member')}")

    def watch(output: Path) -> None:
        *_, result = early_stopping_optimism(plan.optimism, members=plan.optimism_members)
        write_whole(output, canonical_json(result).encode())

    key = digest([OPTIMISM, plan.optimism.to_dict(), plan.optimism_members])
    records[OPTIMISM] = _once(checkpoint / f"{key}.json", watch)
    for name, record in records.items():
        save_record(folder, name, record)
    shutil.rmtree(checkpoint)


def _once(output: Path, compute: Callable[[Path], None]) -> dict[str, Any]:
    """What `compute` writes to `output`, unless it did before and that can be read."""
    with suppress(FileNotFoundError, ValueError):
        return json.loads(output.read_bytes())
    output.parent.mkdir(parents=True, exist_ok=True)
    compute(output)
    return json.loads(output.read_bytes())


def record_name(over: str, also: str | None = None) -> str:
    """Under which a sweep over one setting, or over two, is kept."""
    return over if also is None else f"{over}-{also}"


def has_sweep(folder: str | Path, over: str, also: str | None = None) -> bool:
    """Whether such a record is there, be it usable or not."""
    return record_exists(folder, record_name(over, also))


def load_sweep(
    folder: str | Path, over: str, also: str | None = None
) -> tuple[SweepConfig, dict[str, Any]]:
    """A stored sweep: its config and its result.

    Raises:
        FormerRecord: an earlier version wrote it.
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    name = record_name(over, also)
    record = load_record(folder, name, COMMAND)
    asked = record.get("config")
    if isinstance(asked, dict) and "new_points" not in asked:
        raise FormerRecord(f"{name}.json", _FORMER)
    try:
        config = SweepConfig.parse(asked)
    except ConfigError as error:
        raise ArtifactError(f"{name}.json", f"holds no config of a sweep ({error})") from None
    found = record_name(config.over, config.and_over)
    if found != name:
        raise ArtifactError(f"{name}.json", f"must hold a sweep over {name}, not {found}")
    return config, record


def load_optimism(folder: str | Path) -> dict[str, Any]:
    """The stored result of `early_stopping_optimism`.

    Raises:
        FormerRecord: an earlier version wrote it.
        ArtifactError: names the file, what is wrong with it, and what to do.
    """
    record = load_record(folder, OPTIMISM, COMMAND)
    if "excess" not in record.get("ways", {}).get("test", {}):
        raise FormerRecord(f"{OPTIMISM}.json", _FORMER)
    return record
