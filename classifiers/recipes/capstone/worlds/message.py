"""Arrays and regions as the page gets them: JSON whose numbers are base64 of deflated bytes.

An array is `{"dtype", "shape", "data"}`: `data` is base64 of zlib's form of the little-endian
bytes, row by row; `dtype` is one of u8, u16, i16, u32 and f32.

Regions are `{"dtype": "regions", "shape", "data"}`: as many regions as the shape says, one after
the other, each as `encode_region` makes it. A region is a list of closed rings to be filled by
the even-odd rule. All its numbers are unsigned variable-length integers: seven bits a byte, the
lowest first, the top bit set on all bytes but the last. First the number of rings; for each ring
the number of its points, then for every point its difference from the one before (the first one
from 0, 0) in x and in y, zigzag: 2 d, or -2 d - 1 for a negative d. Coordinates run from 0 to
`STEPS` across the extent, x to the right and y upwards; see `regions` for what lies outside.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.errors import DataError
from classifiers.wording import counted

STEPS = 4095
_DTYPES = {"u8": "<u1", "u16": "<u2", "i16": "<i2", "u32": "<u4", "f32": "<f4"}

Ring = NDArray[np.int64]  # (n, 2)


def pack_array(values: ArrayLike, dtype: str) -> dict[str, Any]:
    """An array of any shape as JSON; floats become the nearest whole number where `dtype` is one.

    Raises:
        DataError: a value does not fit into `dtype`.
    """
    array, kind = np.asarray(values), np.dtype(_DTYPES[dtype])
    if kind.kind != "f":
        array = np.rint(array)
        limits = np.iinfo(kind)
        if not ((array >= limits.min) & (array <= limits.max)).all():
            raise DataError("values", f"must lie in {limits.min}..{limits.max} to go into {dtype}")
    data = np.ascontiguousarray(array.astype(kind)).tobytes()
    return {"dtype": dtype, "shape": list(array.shape), "data": _pack(data)}


def unpack_array(message: dict[str, Any]) -> NDArray:
    """What `pack_array` was given, as far as the dtype holds it."""
    data = zlib.decompress(base64.b64decode(message["data"]))
    return np.frombuffer(data, _DTYPES[message["dtype"]]).reshape(message["shape"])


def pack_regions(regions: Sequence[bytes], shape: Sequence[int]) -> dict[str, Any]:
    """Encoded regions as JSON, in the order of an array of that shape.

    Raises:
        DataError: there are more or fewer of them.
    """
    if len(regions) != np.prod(shape, dtype=int):
        raise DataError(
            "shape", f"must be that of {counted(len(regions), 'region')}, got {list(shape)}"
        )
    return {"dtype": "regions", "shape": list(shape), "data": _pack(b"".join(regions))}


def unpack_regions(message: dict[str, Any]) -> list[list[Ring]]:
    """The rings of every region of `pack_regions`."""
    return decode_regions(zlib.decompress(base64.b64decode(message["data"])))


def encode_region(rings: Sequence[Ring]) -> bytes:
    """One region as bytes; each ring (n, 2) whole numbers, not closed by a repeated point."""
    numbers: list[int] = [len(rings)]
    for ring in rings:
        steps = np.diff(ring, axis=0, prepend=0).ravel()
        numbers.append(len(ring))
        numbers += np.where(steps < 0, -2 * steps - 1, 2 * steps).tolist()
    return _varints(numbers)


def decode_regions(data: bytes) -> list[list[Ring]]:
    """Regions that were encoded one after the other."""
    numbers, place, regions = _numbers(data), 0, []
    while place < len(numbers):
        rings = []
        count, place = numbers[place], place + 1
        for _ in range(count):
            length, place = numbers[place], place + 1
            steps = np.array(numbers[place : place + 2 * length], dtype=np.int64).reshape(-1, 2)
            place += 2 * length
            rings.append(np.where(steps % 2, -(steps + 1) // 2, steps // 2).cumsum(axis=0))
        regions.append(rings)
    return regions


def _varints(numbers: Sequence[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return bytes(out)


def _numbers(data: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    return numbers


def _pack(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")
