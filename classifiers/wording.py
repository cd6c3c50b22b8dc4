"""Numbers as people read them: shares, differences, intervals. The same number reads the same."""

from collections.abc import Mapping, Sequence

Interval = Mapping[str, float]  # value, low, high


def percent(value: float) -> str:
    """A share to a tenth of a per cent."""
    return f"{100 * value:.1f} %"


def whole_percent(share: float) -> str:
    """A share to a whole per cent, which is never said to be none or all of it unless it is."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def times(factor: float) -> str:
    """A factor as "× 0.44": two decimals, or two digits where it is smaller, none where larger."""
    if factor >= 99.5:
        return f"× {factor:,.0f}"
    if factor >= 0.0995:
        return f"× {factor:.2f}"
    return f"× {factor:.2g}" if factor >= 0.0001 else "× under 0.0001"


def with_spread(mean: float, spread: float) -> str:
    """A share's mean and standard deviation, as "98.1 % ± 0.2"."""
    return f"{percent(mean)} ± {100 * spread:.1f}"


def signed(value: float, decimals: int = 3) -> str:
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"  # + 0.0: no negative zero


def signed_points(difference: float) -> str:
    """A difference of shares, in percentage points."""
    return f"{signed(100 * difference, 1)} points"


def gap_text(gap: Interval) -> str:
    """A difference with its interval."""
    return f"{signed(gap['value'])} [{signed(gap['low'])}, {signed(gap['high'])}]"


def gap_points(gap: Interval) -> str:
    """A difference of shares with its interval, in percentage points."""
    low, high = (signed(100 * gap[key], 1) for key in ("low", "high"))
    return f"{signed_points(gap['value'])} [{low}, {high}]"


def verdict(gap: Interval) -> str:
    apart = gap["low"] > 0 or gap["high"] < 0
    return "distinguishable from zero" if apart else "not distinguishable from zero"


def bounded(estimate: Interval, decimals: int = 3) -> str:
    """A value with its interval."""
    value, low, high = (
        f"{round(estimate[key], decimals) + 0.0:.{decimals}f}" for key in ("value", "low", "high")
    )
    return f"{value} [{low}, {high}]"


def bounded_share(estimate: Interval) -> str:
    """A share with its interval."""
    low, high = percent(estimate["low"]), percent(estimate["high"])
    return f"{percent(estimate['value'])} [{low}, {high}]"


def counted(count: int, word: str, many: str = "s") -> str:
    """A number of things, as "1 setting", "1,000 settings"; `many` is how more than one ends."""
    return f"{count:,} {word}{'' if count == 1 else many}"


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
