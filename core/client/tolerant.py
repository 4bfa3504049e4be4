"""Pydantic pieces for bodies of servers we did not write: what is wrong or absent is unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WrapValidator

T = TypeVar("T")


def _or_none(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return None


Maybe = Annotated[T | None, WrapValidator(_or_none)]  # None: absent, null, or of another type

MOST = 1 << 53  # what every reader of JSON can tell from its neighbours


def count_of(value: Any) -> int | None:
    """A number of tokens as servers say it, negative ones too; None: it is none, or beyond 2^53.
    Some languages write every number with a point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= MOST else None


Count = Annotated[int | None, BeforeValidator(count_of)]


class Tolerant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())
