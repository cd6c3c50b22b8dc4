"""Answers with long rows of numbers, made short enough to be kept and read."""

import dataclasses
import json
from typing import Any

import numpy as np

from tests.tools.snapshots import Snapshots

LONGEST = 12  # numbers of a row
WIDTH = 110


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
        step = max(1, -(-len(items) // (3 * longest)))
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
        rows = [json.dumps(value[i : i + 10], ensure_ascii=False) for i in range(0, len(value), 10)]
        return [space + row for row in rows]
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
