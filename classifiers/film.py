"""The film of a run: at which epochs its moments are taken, what the network answers everywhere at
each, in few bytes.

A small network's moment is its parameters: the browser draws every picture from them. For a larger
one, a pass over a grid gives the decision region, the disagreement of the members, and the picture
of each hidden neuron. A picture is a plane of bytes that index a small table of colours; it holds
no colour itself, so the browser can show it in light or dark, as labels or as probabilities. The
planes of a film are stored one after the other in one sprite. This module knows networks and
nothing of training, datasets or pages.
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifiers.data.synthetic import Extent
from classifiers.network import MLP

MOST_FLOATS = 20_000  # of all members' parameters in a moment
LEVELS = 32  # steps of confidence a class; 8 classes fill a byte
NEURON_SIDE = 24
NEURONS_A_LAYER = 16
NEURON_LEVELS = 8  # steps from 0 to the largest activation, and as many below 0
_SIDES = (96, 48, 24)  # multiples of NEURON_SIDE
_MOST_PASS_WORK = 1e9  # multiply-adds of a frame: about 0.1 s on one core
_MOST_CHUNK_FLOATS = 4e6  # activations of one layer held at once

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """One moment of a film.

    Shape: `region` (S, S), row 0 at the top: label * LEVELS + confidence; `disagreement` (S, S):
    how many members give another label than the region's, None for a single member; `neurons`
    (M, NEURON_SIDE, NEURON_SIDE): activation of member 0's neurons relative to the largest in its
    picture, NEURON_LEVELS = 0, 0 = most negative.

    `kept` marks the parameters that early stopping went back to.
    """

    epoch: int
    region: Plane
    disagreement: Plane | None
    neurons: Plane
    kept: bool = False


@dataclass(frozen=True)
class Moment:
    """One moment of a film of weights.

    Shape: `parameters` (K, P) float32, a copy of `MLP.parameters` without its padding: of each
    layer the weights (fan_in, fan_out) row by row, the last layer's (fan_out, fan_in), then the
    biases. `confusion` (classes, classes): counts on the test rows, the mean over members.

    `kept` as of `Frame`.
    """

    epoch: int
    parameters: NDArray[np.float32]
    confusion: NDArray[np.float64]
    kept: bool = False


def sends_weights(network: MLP) -> bool:
    """Whether a film of this network is its weights; one of larger networks is pictures."""
    return network.members * network.parameter_count <= MOST_FLOATS


def take_moment(
    network: MLP, epoch: int, confusion: NDArray[np.float64], *, kept: bool = False
) -> Moment:
    """The network as it is now."""
    parameters = network.parameters[:, : network.parameter_count].numpy().copy()
    return Moment(epoch, parameters, confusion, kept)


class Camera:
    """Takes the frames of one run.

    Args:
        network: its shape decides how fine the picture may be; its parameters are not looked at.
        extent: what the pictures show.
    """

    def __init__(self, network: MLP, extent: Extent) -> None:
        self.extent = extent
        self.side = grid_side(network.parameter_count * network.members)
        self.points = grid_points(extent, self.side)
        self.layers = [min(width, NEURONS_A_LAYER) for width in network.config.widths]

    def take(self, network: MLP, inputs: Tensor, epoch: int, *, kept: bool = False) -> Frame:
        """One grid pass. `inputs` (S * S, F) are the features of `points`."""
        widest = max(network.sizes) * network.members
        stride = self.side // NEURON_SIDE
        # A chunk is whole blocks of rows, so that each holds whole rows of the neurons' pictures.
        rows = max(1, int(_MOST_CHUNK_FLOATS / widest / self.side / stride)) * stride
        chunks, neurons = [], []
        for start in range(0, self.side, rows):
            part = inputs[start * self.side : (start + rows) * self.side]
            *hidden, logits = network.hidden(part)
            chunks.append(network.to_probabilities(logits))
            neurons.append([self._thin(h[0], stride) for h in hidden])
        probabilities = torch.cat(chunks, dim=1)
        layers = [torch.cat(layer) for layer in zip(*neurons, strict=True)]
        region = region_plane(probabilities.mean(0).numpy(), self.side)
        return Frame(
            epoch=epoch,
            region=region,
            disagreement=_disagreement(probabilities, region) if network.members > 1 else None,
            neurons=_neuron_planes(layers),
            kept=kept,
        )

    def _thin(self, activations: Tensor, stride: int) -> Tensor:
        """(rows * S, width) to (rows / stride, NEURON_SIDE, shown neurons), pixel centres kept."""
        picture = activations.view(-1, self.side, activations.shape[1])
        return picture[stride // 2 :: stride, stride // 2 :: stride, :NEURONS_A_LAYER]


def grid_side(work: int) -> int:
    """Pixels a side, as many as a pass of `work` multiply-adds a pixel can afford."""
    return next((side for side in _SIDES if side * side * work <= _MOST_PASS_WORK), _SIDES[-1])


def grid_points(extent: Extent, side: int) -> NDArray[np.float32]:
    """The centres of the pixels, (side * side, 2), from the top left, row by row."""
    steps = (np.arange(side) + 0.5) / side
    x1 = extent.x_min + steps * (extent.x_max - extent.x_min)
    x2 = extent.y_max - steps * (extent.y_max - extent.y_min)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)
    return grid.reshape(-1, 2).astype(np.float32)


def region_plane(probabilities: NDArray, side: int) -> Plane:
    """Class probabilities (side * side, classes) as label * LEVELS + confidence.

    Confidence is the root of the lead of the likeliest class over the next. It is 0 on every
    boundary, and its steps are finest there, so that the boundary can be drawn between pixels.
    """
    by_class = np.ascontiguousarray(probabilities.T)  # maxima across rows are the quick ones
    label, top = by_class.argmax(axis=0), by_class.max(axis=0)
    np.put_along_axis(by_class, label[None], -1.0, axis=0)
    second = by_class.max(axis=0)
    confidence = np.clip(np.sqrt(top - second) * LEVELS, 0, LEVELS - 1).astype(np.int64)
    return (label * LEVELS + confidence).astype(np.uint8).reshape(side, side)


def _disagreement(probabilities: Tensor, region: Plane) -> Plane:
    """How many of the members, (K, S * S, classes), differ from the label of the region (S, S)."""
    label = torch.from_numpy(region.reshape(-1).astype(np.int64)) // LEVELS
    count = (probabilities.argmax(-1) != label).sum(0)
    return count.to(torch.uint8).numpy().reshape(region.shape)


def _neuron_planes(layers: Sequence[Tensor]) -> Plane:
    """Layers of (N, N, units) to (all units, N, N), each relative to its own largest value."""
    if not layers:
        return np.zeros((0, NEURON_SIDE, NEURON_SIDE), np.uint8)
    units = torch.cat(list(layers), dim=-1).permute(2, 0, 1)
    largest = units.abs().amax((1, 2), keepdim=True).clamp_min(1e-12)
    return (torch.round(units / largest * NEURON_LEVELS) + NEURON_LEVELS).to(torch.uint8).numpy()


def frame_epochs(recorded: Sequence[int], most: int = 60) -> list[int]:
    """About `most` of the recorded epochs, more of them at the start, where more happens."""
    if len(recorded) <= most:
        return list(recorded)
    last = recorded[-1]
    wanted = last * (np.arange(most) / (most - 1)) ** 1.5
    nearest = np.abs(np.asarray(recorded)[:, None] - wanted).argmin(axis=0)
    chosen = set(nearest.tolist())
    # Moments that fell on one epoch are made up for with the earliest epochs not yet chosen.
    spare = (i for i in range(len(recorded)) if i not in chosen)
    chosen |= {next(spare) for _ in range(most - len(chosen))}
    return [recorded[i] for i in sorted(chosen)]


def encode_planes(planes: Sequence[Plane], *, quick: bool = False) -> str:
    """A sprite: planes of one shape, each as its difference from the one before, deflated, base64.

    The first plane differs from nothing. Neighbouring moments are alike, so differences are small.
    `quick` takes a fifth of the time, for a quarter more bytes.
    """
    stack = np.stack(planes)
    difference = np.concatenate([stack[:1], stack[1:] - stack[:-1]])  # bytes wrap around
    strategy = zlib.Z_RLE if quick else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(6, strategy=strategy)
    packed = packer.compress(difference.tobytes()) + packer.flush()
    return base64.b64encode(packed).decode("ascii")


def decode_planes(sprite: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The planes (F, *shape) of a sprite."""
    data = np.frombuffer(zlib.decompress(base64.b64decode(sprite)), np.uint8)
    return np.cumsum(data.reshape(-1, *shape), axis=0, dtype=np.uint8)


def encode_frames(frames: Sequence[Frame], *, quick: bool = False) -> dict[str, Any]:
    """Frames of one run as JSON: epochs, which are kept parameters, and a sprite a kind."""
    sprites = {"region": encode_planes([frame.region for frame in frames], quick=quick)}
    if frames[0].disagreement is not None:
        sprites["disagreement"] = encode_planes(
            [frame.disagreement for frame in frames if frame.disagreement is not None],
            quick=quick,
        )
    if len(frames[0].neurons):
        sprites["neurons"] = encode_planes([frame.neurons for frame in frames], quick=quick)
    return {
        "epochs": [frame.epoch for frame in frames],
        "kept": [frame.kept for frame in frames],
        **sprites,
    }


def encode_parameters(stack: NDArray[np.float32]) -> str:
    """Parameters (moments, K, P) as text: base64 of zlib of bytes, without any loss.

    Each moment's bits are XORed with those of the one before, the first's with nothing; then come
    the lowest bytes of all little-endian floats, then all second bytes, third, and highest ones,
    which hardly change: so they deflate well.
    """
    bits = np.ascontiguousarray(stack, "<f4").view("<u4")
    changed = np.concatenate([bits[:1], bits[1:] ^ bits[:-1]])
    planes = changed.reshape(-1, 1).view(np.uint8).T
    return _pack(planes)


def decode_parameters(text: str, members: int, count: int) -> NDArray[np.float32]:
    """The parameters (moments, members, count) of `encode_parameters`."""
    planes = np.frombuffer(_unpack(text), np.uint8).reshape(4, -1)
    changed = np.ascontiguousarray(planes.T).view("<u4").reshape(-1, members, count)
    return np.bitwise_xor.accumulate(changed, axis=0).view("<f4")


def encode_moments(moments: Sequence[Moment]) -> dict[str, Any]:
    """Moments of one run as JSON: epochs, which are kept parameters, the parameters, and counts.

    `confusion` is base64 of zlib of little-endian uint32, (moments, classes, classes): ten times
    the mean count, rounded.
    """
    counts = np.stack([moment.confusion for moment in moments])
    return {
        "epochs": [moment.epoch for moment in moments],
        "kept": [moment.kept for moment in moments],
        "parameters": encode_parameters(np.stack([moment.parameters for moment in moments])),
        "confusion": _pack(np.round(10 * counts).astype("<u4")),
    }


def decode_confusion(text: str, classes: int) -> NDArray[np.float64]:
    """The mean counts (moments, classes, classes) of `encode_moments`."""
    return np.frombuffer(_unpack(text), "<u4").reshape(-1, classes, classes) / 10


def _pack(array: NDArray) -> str:
    return base64.b64encode(zlib.compress(array.tobytes(), 6)).decode("ascii")


def _unpack(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))
