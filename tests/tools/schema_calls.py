"""Values drawn at random from a JSON schema by somebody who knows nothing else."""

import random
import string
from typing import Any

from jsonschema import Draft202012Validator

_TRIES = 300


def draw(schema: dict[str, Any], rng: random.Random) -> Any:
    """A value that the schema allows, by a validator of JSON Schema's own.

    Numbers are as often small as large; what may be left out is, half of the time.
    """
    validator = Draft202012Validator(_closed(schema))
    for _ in range(_TRIES):
        value = _draw(schema, rng)
        if validator.is_valid(value):
            return value
    raise AssertionError(f"no value of this schema was found: {schema}")


def _closed(schema: Any) -> Any:
    """Without `unevaluatedProperties`: nothing unknown is drawn, and it takes seconds to check."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: _closed(v) for k, v in schema.items() if k != "unevaluatedProperties"}


def _draw(schema: dict[str, Any], rng: random.Random) -> Any:
    schema = _chosen(schema, rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"]) if schema["enum"] else None
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = rng.choice(kind)
    return _KINDS[kind](schema, rng)


def _chosen(schema: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The schema with one case of each choice merged into it."""
    while key := next((k for k in ("anyOf", "oneOf", "allOf") if k in schema), None):
        rest = {k: v for k, v in schema.items() if k != key}
        for case in schema[key] if key == "allOf" else [rng.choice(schema[key])]:
            rest = _merged(rest, case)
        schema = rest
    return schema


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        if key not in one:
            merged[key] = value
        elif key == "properties":
            names = {**one[key], **value}
            merged[key] = {
                n: _merged(one[key].get(n, {}), value[n]) if n in value else one[key][n]
                for n in names
            }
        elif key == "required":
            merged[key] = sorted({*one[key], *value})
        elif key == "enum":
            merged[key] = [v for v in value if v in one[key]]
        elif key in ("minimum", "minItems"):
            merged[key] = max(one[key], value)
        elif key in ("maximum", "maxItems"):
            merged[key] = min(one[key], value)
        elif key in ("anyOf", "oneOf"):
            merged["allOf"] = [*merged.get("allOf", []), {key: value}]
        elif key == "allOf":
            merged[key] = [*merged[key], *value]
        else:
            merged[key] = value
    return merged


def _object(schema: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    required = schema.get("required", [])
    drawn = {}
    for name, part in schema.get("properties", {}).items():
        if name in required or ("not" not in part and rng.random() < 0.5):
            drawn[name] = _draw(part, rng)
    return drawn


def _array(schema: dict[str, Any], rng: random.Random) -> list[Any]:
    if "prefixItems" in schema:
        return [_draw(part, rng) for part in schema["prefixItems"]]
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 4), least + 4)
    return [_draw(schema.get("items", {}), rng) for _ in range(rng.randint(least, most))]


def _number(schema: dict[str, Any], rng: random.Random) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1e6))
    high = schema.get("maximum", schema.get("exclusiveMaximum", 1e6))
    share = rng.random() ** rng.choice([1, 6, 12, 12])
    return round(low + share * (high - low), 6)


def _integer(schema: dict[str, Any], rng: random.Random) -> int:
    return round(_number(schema, rng))


def _string(schema: dict[str, Any], rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_letters, k=rng.randint(0, 8)))


_KINDS = {
    "object": _object,
    "array": _array,
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": lambda schema, rng: rng.random() < 0.5,
    "null": lambda schema, rng: None,
}
