"""Where a network answers class 1, as polygons: crisp at any size, in some fifty bytes.

The log-odds are computed once on a grid; the boundary is their zero line by linear interpolation,
made simpler by less than a pixel. A boundary leaves the picture at its frame and goes straight on
for `OUTSIDE` steps, so that a ring whose outline is drawn does not draw the frame.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.data.synthetic import Extent
from classifiers.recipes.capstone.worlds.message import STEPS, Ring

COLUMNS, ROWS = 92, 71
OUTSIDE = 64
_TOLERANCE = 0.009  # units of x: a third of a pixel of a picture that is 170 wide


def grid(extent: Extent) -> NDArray[np.float32]:
    """The points of the grid, (ROWS * COLUMNS, 2), row by row from the lower left corner."""
    x1 = np.linspace(extent.x_min, extent.x_max, COLUMNS)
    x2 = np.linspace(extent.y_min, extent.y_max, ROWS)
    return np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2).astype(np.float32)


def to_steps(x: NDArray, extent: Extent) -> NDArray[np.int64]:
    """Points (N, 2) in the whole-numbered coordinates of rings; outside the picture beyond them."""
    low = np.array([extent.x_min, extent.y_min])
    size = np.array([extent.x_max, extent.y_max]) - low
    return np.rint((np.asarray(x, dtype=np.float64) - low) / size * STEPS).astype(np.int64)


@lru_cache(maxsize=1)
def _axes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    def axis(count: int) -> NDArray[np.float64]:
        inside = np.linspace(0, STEPS, count)
        return np.concatenate([[-OUTSIDE], inside, [STEPS + OUTSIDE]])

    return axis(COLUMNS), axis(ROWS)


def trace(log_odds: NDArray, extent: Extent) -> tuple[list[Ring], float]:
    """The region where the log-odds (ROWS * COLUMNS,) are above 0, and its boundary's length.

    Returns:
        rings to be filled by the even-odd rule, each (n, 2) int64; the length of the boundary
        inside the picture, in units of x, of the line before it was made simpler.
    """
    import contourpy  # comes with matplotlib; a page that only shows needs neither

    z = np.nan_to_num(np.asarray(log_odds, dtype=np.float64)).reshape(ROWS, COLUMNS)
    z = np.pad(z, 1, mode="edge")
    x, y = _axes()
    lines: Any = contourpy.contour_generator(
        x, y, z, name="serial", fill_type=contourpy.FillType.OuterOffset
    )
    top = max(float(z.max()), 0.0) + 1.0
    points, offsets = lines.filled(0.0, top)
    scale = np.array([extent.x_max - extent.x_min, extent.y_max - extent.y_min]) / STEPS
    rings, length = [], 0.0
    for polygon, starts in zip(points, offsets, strict=True):
        for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            ring = polygon[start:stop]  # its last point repeats the first one
            length += _length(ring, scale)
            kept = np.rint(_simplify(ring, _TOLERANCE / float(scale.max()))).astype(np.int64)
            kept = kept[np.any(kept != np.roll(kept, 1, axis=0), axis=1)]
            if len(kept) > 2:
                rings.append(kept)
    return rings, length


def _length(ring: NDArray[np.float64], scale: NDArray[np.float64]) -> float:
    """Length of the parts of a closed line that lie inside the picture."""
    middle = (ring[1:] + ring[:-1]) / 2
    inside = ((middle > 0) & (middle < STEPS)).all(axis=1)
    return float(np.hypot(*((ring[1:] - ring[:-1])[inside] * scale).T).sum())


def _simplify(ring: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """A closed line (n, 2) with as few of its points as keep it within the tolerance, the repeated
    last one left out (Douglas and Peucker 1973, Cartographica 10:112)."""
    middle = int(np.square(ring - ring[0]).sum(axis=1).argmax())
    keep = np.zeros(len(ring), dtype=bool)
    keep[[0, middle]] = True
    waiting: list[tuple[int, int]] = [(0, middle), (middle, len(ring) - 1)]
    while waiting:
        start, stop = waiting.pop()
        if stop - start < 2:
            continue
        (ax, ay), (bx, by) = ring[start].tolist(), ring[stop].tolist()
        part = ring[start + 1 : stop]
        dx, dy = bx - ax, by - ay
        px, py = part[:, 0] - ax, part[:, 1] - ay
        share = np.clip((px * dx + py * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
        away = np.hypot(px - share * dx, py - share * dy)
        farthest = int(away.argmax())
        if away[farthest] > tolerance:
            cut = start + 1 + farthest
            keep[cut] = True
            waiting += [(start, cut), (cut, stop)]
    return ring[keep]


def contains(rings: Sequence[Ring], points: NDArray) -> NDArray[np.bool_]:
    """Which of (N, 2) points, in the rings' coordinates, the region holds, by the even-odd rule."""
    inside = np.zeros(len(points), dtype=bool)
    px, py = np.asarray(points, dtype=np.float64).T
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            crosses = (ay > py) != (by > py)
            if ay != by:
                inside ^= crosses & (px < (bx - ax) * (py - ay) / (by - ay) + ax)
    return inside
