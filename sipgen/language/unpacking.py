"""Unpacks what ``sipgen.codegen.packing`` packed: compressed octets, and numbers in them."""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode

__all__ = ["numbers_in", "octets_in", "packed_octets"]

_TYPES = {16: "H", 32: "I"}


def packed_octets(packed: str | bytes) -> bytes:
    """Octets as they are in a file of their own, or as base 64 where only text can be."""
    return packed if isinstance(packed, bytes) else b64decode(packed)


def octets_in(packed: str | bytes) -> bytes:
    """Octets that were compressed."""
    return zlib.decompress(packed_octets(packed))


def numbers_in(packed: str | bytes, bits: int) -> array[int]:
    """Numbers of 16 or 32 bits: the lowest octets of all, then their next ones, and so on."""
    numbers = array(_TYPES[bits])
    planes = octets_in(packed)
    octets = bytearray(len(planes))
    count = len(planes) // numbers.itemsize
    for place in range(numbers.itemsize):
        octets[place :: numbers.itemsize] = planes[place * count : (place + 1) * count]
    numbers.frombytes(octets)
    if sys.byteorder != "little":
        numbers.byteswap()
    return numbers
