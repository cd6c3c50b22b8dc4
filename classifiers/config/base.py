"""What every config is: frozen, strict, and hostile to unknown keys."""

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from classifiers.errors import ConfigError


def integral(value: Any) -> Any:
    """JSON has one number type: 100.0 is a whole number, "100" and True are not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def real(value: Any) -> Any:
    """The other way round: 0 is a fine value where 0.1 is one, and is echoed as 0.0."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


Integer = Annotated[int, BeforeValidator(integral)]
Seed = Annotated[Integer, Field(ge=0, le=2**31 - 1)]


class Config(BaseModel):
    """Base: frozen, strict about types, hostile to unknown keys.

    A validator that looks at several keys raises `ValueError("key: message")`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, value: Any, field: str = "config") -> Self:
        """Builds the config from a JSON-like value; None and "" mean all defaults.

        Raises:
            ConfigError: names the first offending key by its dotted path.
        """
        if value is None or value == "":
            value = {}
        if not isinstance(value, dict):
            raise ConfigError(field, f"must be a JSON object, got {_shorten(value)}")
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise to_config_error(error, field) from None

    def to_dict(self) -> dict[str, Any]:
        """All settings, defaults included, as JSON types."""
        return self.model_dump(mode="json")


def _shorten(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else text[:77] + "..."


_PLAINLY = (
    (r"^(Input|Value|String|List|Tuple|Keys) should", "should"),
    (r" after validation, not \d+", ""),
    (r"a valid tuple", "a list"),
    (r"a valid dictionary or instance of \w+", "a JSON object"),
)


def to_config_error(error: ValidationError, field: str) -> ConfigError:
    first = error.errors(include_url=False)[0]
    steps = [str(part) for part in first["loc"]]
    path = ".".join(s for s in steps if not s.startswith("function-") and s != "[key]")
    where = path or field
    if first["type"] == "extra_forbidden":
        return ConfigError(where, "is not a known setting; remove it or check its spelling")
    if first["type"] == "missing":
        return ConfigError(where, f"is missing in {_shorten(first['input'])}; add it")
    message = first["msg"].removeprefix("Value error, ")
    for phrase, words in _PLAINLY:
        message = re.sub(phrase, words, message)
    if first["type"] == "value_error":
        key, _, text = message.partition(": ")
        return ConfigError(f"{path}.{key}" if path else key, text)
    return ConfigError(where, f"{message}, got {_shorten(first['input'])}")


# A tuple in Python, a list in JSON: strict mode would refuse the list.
def as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
