"""Units that have died: which they are, and the sentence about them among a run's findings."""

import numpy as np
from numpy.typing import NDArray

from classifiers.network import MLP
from classifiers.training import Rows

_MOST_FLOATS = 4e6  # activations held at once


def dead_units(network: MLP, rows: Rows) -> list[NDArray[np.bool_]]:
    """Of each hidden layer (K, units): whether a unit gives 0 at every one of the rows.

    Such a unit of a ReLU network gets no gradient any more. Other activations have none.
    """
    if network.config.activation != "relu" or not network.config.widths:
        return []
    largest: list[NDArray] = []
    step = max(1, int(_MOST_FLOATS / (network.members * sum(network.config.widths))))
    for start in range(0, len(rows.x), step):
        hidden = network.hidden(rows.x[start : start + step])[:-1]
        found = [layer.amax(1).numpy() for layer in hidden]
        largest = [np.maximum(*pair) for pair in zip(largest or found, found, strict=True)]
    return [layer <= 0 for layer in largest]


def describe_dead(dead: list[NDArray[np.bool_]]) -> str:
    """The first layer that is dead as a whole, in a sentence; empty where there is none."""
    for number, layer in enumerate(dead, 1):
        gone = np.asarray(layer.all(axis=1))
        if gone.any():
            members, units = len(gone), layer.shape[1]
            who = "" if members == 1 else f" of {int(gone.sum())} of {members} networks"
            alone = units == 1
            what = "The only unit" if alone else f"All {units} units"
            return (
                f"{what} of hidden layer {number}{who} {'is' if alone else 'are'} dead: ReLU gives "
                "0 at every training point, so the answer is the same everywhere and no gradient "
                f"passes to bring {'it' if alone else 'them'} back. Start anew with a lower "
                "learning rate, another start, or leaky ReLU."
            )
    return ""
