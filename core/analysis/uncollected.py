"""Work without the collector of cycles, where all that is made stays: it would look through that
again and again, and once more at the end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Afterwards the collector is on again if it was. What was made counts as old then: only a
    collection of everything will look at it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # of all generations into none ...
            gc.unfreeze()  # ... and from there to the oldest, unseen
            gc.enable()
