"""Where a model comes from: the bundled one, a folder, or the hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llmx import fixtures
from llmx.core.engine.hub import Progress, download
from llmx.core.errors import ModelError

BUNDLED_ID = "llmx-demo"
_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Located:
    """A model on this machine; `path` is good only inside the `with` of `locate`."""

    path: Path
    id: str  # how clients name it
    bundled: bool = False


def is_hub_id(model: str) -> bool:
    """Whether `locate` would ask the hub for this model."""
    return _HUB_ID.fullmatch(model) is not None and not Path(model).expanduser().exists()


@contextmanager
def locate(
    model: str | None,
    *,
    offline: bool = False,
    progress: Progress | None = None,
    weights: bool = True,
) -> Iterator[Located]:
    """The folder of a model: None is the bundled one, then a folder here, then a hub id.

    A download goes to the hub's cache and goes on where an earlier one ended. `offline` asks
    nobody: only what the cache has complete is served. Without `weights` the rest is enough.
    Raises `ModelError`.
    """
    if model is None:
        with fixtures.demo_model() as path:
            yield Located(path, BUNDLED_ID, bundled=True)
        return
    folder = Path(model).expanduser()
    if model and folder.exists():
        yield Located(folder, folder.resolve().name)
        return
    hub_id = _HUB_ID.fullmatch(model)
    if hub_id is None:
        raise ModelError(f"the model {model!r} is neither a folder here nor a hub id (org/name)")
    path = download(
        hub_id["repo"], hub_id["revision"], offline=offline, progress=progress, weights=weights
    )
    yield Located(path, model)
