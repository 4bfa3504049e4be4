"""Is a safetensors file whole? Checked from its header and its size; the data is not read.

    | 8 bytes: n, little endian | n bytes: JSON | data: every tensor, without a gap |

The JSON maps each tensor to its dtype, its shape and its begin and end in the data.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from llmx.core.errors import ModelError

LONGEST_HEADER = 100_000_000  # bytes; the format's own limit
BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}
_LFS_POINTER = b"version https://git-lfs"

Count = Annotated[int, Field(ge=0)]


class _Tensor(BaseModel, frozen=True):
    dtype: str
    shape: list[Count]
    data_offsets: tuple[Count, Count]


_HEADER = TypeAdapter(dict[str, _Tensor])


def check_safetensors(path: Path) -> int:
    """The bytes of tensor data in the file. Raises `ModelError` naming the file and what is off."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_LFS_POINTER))
            if start == _LFS_POINTER:
                raise ModelError(
                    f"{path} is a Git LFS pointer, not the weights: run `git lfs pull`"
                )
            length = _header_length(path, start[:8], size)
            file.seek(8)
            tensors = _parse_header(path, file.read(length))
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    for name, tensor in tensors.items():
        _check_tensor(path, name, tensor)
    data = _contiguous_bytes(path, tensors)
    wanted = 8 + length + data
    if size != wanted:
        state = "truncated" if size < wanted else "damaged"
        raise ModelError(f"{path} is {state}: its header tells of {wanted} bytes, it has {size}")
    return data


def _header_length(path: Path, start: bytes, size: int) -> int:
    if len(start) < 8:
        raise ModelError(f"{path} is truncated: it has {size} bytes, wanted 8 and a header")
    length = int.from_bytes(start, "little")
    if length > LONGEST_HEADER:
        raise ModelError(
            f"{path} is damaged or no safetensors file: its first 8 bytes tell of a header of "
            f"{length} bytes, at most {LONGEST_HEADER} are allowed"
        )
    if 8 + length > size:
        raise ModelError(f"{path} is truncated: its header ends at {8 + length}, it has {size}")
    return length


def _parse_header(path: Path, header: bytes) -> dict[str, _Tensor]:
    try:
        document = json.loads(header)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelError(f"{path} is damaged: its header is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ModelError(f"{path} is damaged: its header is not a JSON object")
    document.pop("__metadata__", None)
    try:
        return _HEADER.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path} is damaged: tensor {where}: {first['msg']}") from error


def _check_tensor(path: Path, name: str, tensor: _Tensor) -> None:
    bits = BITS.get(tensor.dtype)
    if bits is None:
        raise ModelError(f"{path}: tensor {name} has the unknown dtype {tensor.dtype!r}")
    begin, end = tensor.data_offsets
    wanted = -(-math.prod(tensor.shape) * bits // 8)
    if end - begin != wanted:
        raise ModelError(
            f"{path} is damaged: tensor {name} ({tensor.dtype} {tensor.shape}) "
            f"needs {wanted} bytes, its offsets give {end - begin}"
        )


def _contiguous_bytes(path: Path, tensors: dict[str, _Tensor]) -> int:
    spans = sorted(tensor.data_offsets for tensor in tensors.values())
    for (_, end), (begin, _) in pairwise([(0, 0), *spans]):
        if begin != end:
            raise ModelError(
                f"{path} is damaged: a tensor begins at byte {begin} of the data, "
                f"the one before it ends at {end}"
            )
    return spans[-1][1] if spans else 0
