"""Answers with long rows of numbers, made short enough to be kept and read."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from classifiers.errors import ClassifiersError
from tests.snapshots import Snapshots

LONGEST = 12  # numbers of a row
WIDTH = 110


def attempt(call: Callable[[], Any]) -> Any:
    """What a call gives, or how it is refused; any other error is the test's failure."""
    try:
        return call()
    except ClassifiersError as error:
        return f"{type(error).__name__}: {error}"


def thin(value: Any, longest: int = LONGEST) -> Any:
    """The same, with each long row of numbers as its length, its mean and some of them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return thin({field.name: getattr(value, field.name) for field in fields}, longest)
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), **_short(value.ravel().tolist(), longest)}
    if isinstance(value, dict):
        return {str(key): thin(item, longest) for key, item in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        items = list(value)
        if len(items) > longest and all(type(item) in (int, float, bool) for item in items):
            return _short(items, longest)
        said = all(isinstance(item, str) and " " in item for item in items)
        step = 1 if said else max(1, -(-len(items) // (3 * longest)))
        kept = [thin(item, longest) for item in items[::step]]
        return kept if step == 1 else {"length": len(items), f"every {step}th": kept}
    return value


def _short(items: list[Any], longest: int) -> dict[str, Any]:
    if len(items) <= longest:
        return {"all": items}
    finite = [item for item in items if np.isfinite(item)]
    step = -(-len(items) // longest)
    return {
        "length": len(items),
        "mean": float(np.mean(finite)) if finite else None,
        f"every {step}th": items[::step],
    }


def folded(value: Any, indent: int = 0) -> list[str]:
    """Plain values as JSON, what fits into a line in one."""
    space = " " * indent
    if not isinstance(value, dict | list) or _width(value) + indent <= WIDTH:
        return [space + json.dumps(value, ensure_ascii=False)]
    if isinstance(value, dict):
        items = [(f"{json.dumps(key, ensure_ascii=False)}: ", one) for key, one in value.items()]
    elif any(isinstance(one, dict | list) for one in value):
        items = [("", one) for one in value]
    else:
        each = 1 if any(isinstance(one, str) and len(one) > 20 for one in value) else 10
        parts = [value[i : i + each] for i in range(0, len(value), each)]
        return [space + json.dumps(part, ensure_ascii=False) for part in parts]
    lines = [space + ("{" if isinstance(value, dict) else "[")]
    for key, one in items:
        first, *rest = folded(one, indent + 1)
        lines += [f"{space} {key}{first[indent + 1 :]}", *rest]
    return [*lines, space + ("}" if isinstance(value, dict) else "]")]


def _width(value: Any) -> int:
    """Of its text, each fraction as long as any: where lines end does not hang on its digits."""
    if isinstance(value, dict):
        return sum(len(key) + 6 + _width(one) for key, one in value.items()) + 2
    if isinstance(value, list):
        return sum(2 + _width(one) for one in value) + 2
    return 9 if isinstance(value, float) else len(json.dumps(value, ensure_ascii=False))


def unsized(value: Any) -> Any:
    """Without the size of a model's file: golden outputs have digits as this processor rounds."""
    if isinstance(value, dict):
        return {key: unsized(one) for key, one in value.items() if key != "bytes"}
    if isinstance(value, list | tuple):
        return [unsized(one) for one in value]
    return re.sub(r"[\d,]+ bytes", "N bytes", value) if isinstance(value, str) else value


def hold(snapshots: Snapshots, name: str, value: Any, longest: int = LONGEST) -> None:
    """Thinned, in few lines, and numbers to more digits than are compared."""
    snapshots.hold(name, folded(_seven(thin(value, longest))), alone=True)


def _seven(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _seven(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_seven(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.7g}")
    plain = value is None or isinstance(value, str | int)
    return value if plain else str(value)
