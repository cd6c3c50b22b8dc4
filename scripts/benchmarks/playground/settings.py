"""The runs that are measured."""

from typing import Any

BLOBS: dict[str, Any] = {}
MEMBERS: dict[str, Any] = {"training": {"members": 5}}
SPIRALS: dict[str, Any] = {
    "dataset": {"name": "spirals"},
    "training": {"epochs": 3000, "optimizer": "adam", "learning_rate": 0.01},
}
