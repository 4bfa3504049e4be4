"""Amounts of memory and disk as people write them: `512MB`, `2GiB`, `1.5G`, `25%`, plain bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b?)", re.ASCII | re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LARGEST = 2**60  # an exbibyte: beyond it is a slip of the keyboard, not a machine


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something whose size is known only later, as the memory free after loading."""

    of_one: float  # 0 < of_one <= 1

    def __str__(self) -> str:
        return f"{self.of_one * 100:g}%"


def parse_bytes(value: object) -> int:
    """Bytes, at least 1. `k M G T` count in thousands, `Ki Mi Gi Ti` in 1024; a B may follow.

    Raises ValueError for everything else, a float or a bool included.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        nbytes = value
    elif isinstance(value, str) and (found := _AMOUNT.fullmatch(value.strip())):
        number, prefix, suffix = found.groups()
        binary = suffix.lower().startswith("i")
        if binary and not prefix:
            raise ValueError(f"{value!r} has no unit")
        nbytes = int(float(number) * (1024 if binary else 1000) ** _POWERS[prefix.lower()])
    else:
        raise ValueError(f"{value!r} is no size")
    if not 1 <= nbytes <= _LARGEST:
        raise ValueError(f"{value!r} is no size of 1 byte to 1 EiB")
    return nbytes


def parse_budget(value: object) -> int | Share:
    """As `parse_bytes`, or a share above 0% up to 100%."""
    if isinstance(value, Share):
        return value
    if isinstance(value, str) and (found := _SHARE.fullmatch(value.strip())):
        share = float(found.group(1)) / 100
        if not 0 < share <= 1:
            raise ValueError(f"{value!r} is no share above 0% up to 100%")
        return Share(share)
    return parse_bytes(value)


def format_bytes(nbytes: int) -> str:
    """Three figures in units of a thousand: `512 MB`, `1.50 GB`, `87 B`."""
    size = float(nbytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 99.95 else f"{size:.3g} {unit}"
