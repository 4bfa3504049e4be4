"""Pydantic pieces for bodies of servers we did not write: what is wrong or absent is unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator

T = TypeVar("T")


def _or_none(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return None


Maybe = Annotated[T | None, WrapValidator(_or_none)]  # None: absent, null, or of another type


class Tolerant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())
