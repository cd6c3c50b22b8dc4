"""What fresh points say of a network, weighted by the exact chance of each class.

`eta` (N,) is the probability of class 1 at each point and `z` (N,) the network's log-odds of it.
Weighting has the expectation of counting labels, and less chance in it.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Bins of the log-odds, fine where a probability changes: sinh of evenly spaced numbers.
BINS = 160
_WIDEST = 8.0  # log-odds beyond sinh(8), 1,490, count as that
_CENTRES = np.sinh((np.arange(BINS) + 0.5) * (2 * _WIDEST / BINS) - _WIDEST)
TEMPERATURES = 2.0 ** (np.arange(-20, 51) / 10)
LEVELS = 10  # of what was said, in the reliability table


def softplus(z: NDArray) -> Floats:
    """log(1 + e^z) without overflow."""
    z = np.asarray(z, dtype=np.float64)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def costs(z: NDArray, eta: NDArray) -> Floats:
    """The expected log loss at each point."""
    return softplus(z) - eta * np.asarray(z, dtype=np.float64)


def chances(z: NDArray, eta: NDArray) -> Floats:
    """The chance that the answer at each point, class 1 where z > 0, is right."""
    return np.where(np.asarray(z) > 0, eta, 1 - eta)


def weighted(z: NDArray, eta: NDArray) -> tuple[float, float]:
    """Accuracy and log loss on the distribution."""
    return float(chances(z, eta).mean()), float(costs(z, eta).mean())


def along_the_way(along: NDArray, z: NDArray, eta: NDArray) -> Floats:
    """Accuracy and loss at every epoch, (2, E), from few points, so that the end is exact.

    Each is the mean over the few points, corrected by how far the end's mean there is from the
    end's mean over all points: a control variate, with the coefficient that the few points give
    (Rubinstein and Marcus 1985, Oper. Res. 33:661). At the end that coefficient is 1.

    Args:
        along: (E, n) log-odds at the first n fresh points, epoch by epoch, the end last.
        z: (N,) those of the end at all of them.
        eta: (N,).
    """
    few = eta[: along.shape[1]]
    result = np.empty((2, len(along)))
    for row, measure in enumerate((chances, costs)):
        values = measure(along, few)
        end = values[-1] - values[-1].mean()
        spread = float(end @ end)
        slopes = (values @ end) / spread if spread > 0 else np.ones(len(values))
        miss = float(measure(z, eta).mean()) - float(values[-1].mean())
        result[row] = values.mean(axis=1) + slopes * miss
    result[0] = result[0].clip(0, 1)
    result[1] = result[1].clip(0)
    return result


def histogram(z: NDArray, eta: NDArray) -> NDArray[np.float32]:
    """Of the log-odds: in each bin the share of the points, and that of class 1 among all points,
    (2, BINS) float32."""
    places = (np.arcsinh(np.asarray(z, dtype=np.float64)) + _WIDEST) * (BINS / 2 / _WIDEST)
    places = np.clip(np.nan_to_num(places), 0, BINS - 1).astype(np.int64)
    sums = [np.bincount(places, weights, BINS) for weights in (np.ones(len(z)), eta)]
    return (np.stack(sums) / len(z)).astype(np.float32)


def at_temperatures(bins: NDArray) -> tuple[Floats, Floats]:
    """Loss and reliability of a network whose log-odds are divided by each of `TEMPERATURES`.

    Returns:
        loss (nT,); reliability (nT, LEVELS, 3): in each tenth of what can be said of class 1, the
        mean of what was said, the share of class 1 found, and the share of the points there.
    """
    share, found = np.asarray(bins, dtype=np.float64)
    z = _CENTRES / TEMPERATURES[:, None]
    loss = (share * softplus(z) - found * z).sum(axis=1)
    said = 1 / (1 + np.exp(-np.clip(z, -700, 700)))
    level = np.clip((said * LEVELS).astype(np.int64), 0, LEVELS - 1)
    table = np.zeros((len(z), LEVELS, 3))
    rows = np.arange(len(z))[:, None]
    for column, weights in enumerate((said * share, found, share)):
        np.add.at(table[..., column], (rows, level), np.broadcast_to(weights, z.shape))
    table[..., :2] /= np.maximum(table[..., 2:], 1e-12)
    return loss, table
