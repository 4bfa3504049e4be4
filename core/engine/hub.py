"""A model from the hub, in the hub library's own cache, with downloads that go on where they ended.

The library throws an unfinished file away, and a weight file has gigabytes. So the large files are
fetched here, each into a partial file beside its place that the next try continues. The library
finds them in its cache when it puts the snapshot together and fetches the small rest.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
from huggingface_hub import HfApi, constants, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    IncompleteSnapshotError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, disable_progress_bars, filter_repo_objects

from llmx.core.errors import ModelError

_WEIGHTS = "model*.safetensors"
FILES = [  # what mlx-lm fetches for a model
    "*.json",
    _WEIGHTS,
    "*.py",
    "tokenizer.model",
    "*.tiktoken",
    "tiktoken.model",
    "*.txt",
    "*.jsonl",
    "*.jinja",
]
STREAMS = 4  # files at once: one stream rarely fills a fast line
TRIES = 5  # broken connections in a row without a byte between them
CHUNK = 1 << 20
TIMEOUT = httpx.Timeout(30.0)

Progress = Callable[[int, int], None]
"""Called with the bytes present and the bytes in all; from any thread, never two at once."""


def download(
    repo: str,
    revision: str | None,
    *,
    offline: bool,
    progress: Progress | None,
    weights: bool = True,
) -> Path:
    """The folder of the whole snapshot; where the hub cannot be asked, what the cache has of it.
    Without `weights` everything but these.

    Raises `ModelError` in one line for everything that goes wrong, an incomplete cache included.
    """
    name = f"{repo}@{revision}" if revision else repo
    try:
        if offline:
            return _snapshot(repo, revision, offline=True, weights=weights)
        try:
            if not weights:
                return _snapshot(repo, revision, offline=False, weights=False)
            blobs = _large_files(repo, revision)
        except Exception:
            # Down, private, gated: whatever it is, a copy from earlier still serves.
            try:
                return _snapshot(repo, revision, offline=True, weights=weights)
            except LocalEntryNotFoundError:
                pass
            raise
        _Download(repo, blobs, progress).run()
        return _snapshot(repo, revision, offline=False)
    except ModelError:
        raise
    except Exception as error:  # the hub library's errors, and those of all that lies below it
        raise ModelError(_why(name, revision, offline, error)) from error


@dataclass(frozen=True, slots=True)
class Blob:
    """A file kept outside git, named in the cache by its digest."""

    url: str
    sha256: str
    nbytes: int


def _large_files(repo: str, revision: str | None) -> list[Blob]:
    info = HfApi().model_info(repo, revision=revision, files_metadata=True, timeout=10)
    files = {file.rfilename: file for file in info.siblings or ()}
    return [
        Blob(hf_hub_url(repo, name, revision=info.sha), file.lfs.sha256, file.lfs.size)
        for name in filter_repo_objects(files, allow_patterns=FILES)
        if (file := files[name]).lfs is not None
    ]


def _snapshot(repo: str, revision: str | None, *, offline: bool, weights: bool = True) -> Path:
    files = FILES if weights else [pattern for pattern in FILES if pattern != _WEIGHTS]
    with disable_progress_bars():
        return Path(
            snapshot_download(
                repo, revision=revision, allow_patterns=files, local_files_only=offline
            )
        )


class _Download:
    """All missing blobs of one repository; the first failure stops the others too."""

    def __init__(self, repo: str, blobs: Sequence[Blob], progress: Progress | None) -> None:
        self._folder = Path(constants.HF_HUB_CACHE, f"models--{repo.replace('/', '--')}", "blobs")
        self._blobs = [blob for blob in blobs if not (self._folder / blob.sha256).exists()]
        self._total = sum(blob.nbytes for blob in self._blobs)
        self._present = 0
        self._progress = progress
        self._counting = threading.Lock()
        self._stop = threading.Event()

    def run(self) -> None:
        if not self._blobs:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        with (
            httpx.Client(headers=headers, timeout=TIMEOUT, follow_redirects=True) as client,
            ThreadPoolExecutor(STREAMS, thread_name_prefix="llmx-download") as pool,
        ):
            for done in [pool.submit(self._blob, client, blob) for blob in self._blobs]:
                done.result()

    def _blob(self, client: httpx.Client, blob: Blob) -> None:
        try:
            target = self._folder / blob.sha256
            partial = target.with_name(f"{blob.sha256}.llmx-partial")
            with partial.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # another llmx may be at the same file
                if not target.exists():
                    self._fill(client, blob, file)
                    os.replace(partial, target)
        except BaseException:
            self._stop.set()
            raise

    def _fill(self, client: httpx.Client, blob: Blob, file: IO[bytes]) -> None:
        """Bring the file to its full length and check its digest; a wrong file is emptied."""
        digest = hashlib.sha256()
        file.seek(0)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            self._count(len(chunk))
        failures = 0
        while file.tell() < blob.nbytes:
            before = file.tell()
            try:
                digest = self._stream(client, blob, file, digest)
            except httpx.TransportError:
                failures = failures + 1 if file.tell() == before else 1
                if failures == TRIES:
                    raise
        if file.tell() != blob.nbytes or digest.hexdigest() != blob.sha256:
            found = f"{file.tell()} bytes with SHA-256 {digest.hexdigest()}"
            file.truncate(0)
            raise ModelError(
                f"the download of {blob.url} is damaged: wanted {blob.nbytes} bytes "
                f"with SHA-256 {blob.sha256}, got {found}"
            )

    def _stream(
        self, client: httpx.Client, blob: Blob, file: IO[bytes], digest: hashlib._Hash
    ) -> hashlib._Hash:
        """Append what the server still has to send; the digest of all that the file then holds."""
        headers = {"Range": f"bytes={file.tell()}-"}
        with client.stream("GET", blob.url, headers=headers) as response:
            response.raise_for_status()
            if response.status_code == 200 and file.tell():  # it cannot send a part
                self._count(-file.tell())
                file.seek(0)
                file.truncate()
                digest = hashlib.sha256()
            for chunk in response.iter_raw():
                if self._stop.is_set():
                    raise InterruptedError("another file failed")
                file.write(chunk)
                digest.update(chunk)
                self._count(len(chunk))
        return digest

    def _count(self, nbytes: int) -> None:
        with self._counting:
            self._present += nbytes
            if self._progress is not None:
                self._progress(self._present, self._total)


def _why(name: str, revision: str | None, offline: bool, error: Exception) -> str:
    """One line: what was asked for, what came back, what helps."""
    hub, cache = constants.ENDPOINT, constants.HF_HUB_CACHE
    match error:
        case GatedRepoError():
            return f"{name} is gated: accept its terms on the hub, then set HF_TOKEN to your token"
        case RepositoryNotFoundError():
            return (
                f"the model {name!r} is neither a folder here nor on the hub ({hub}); "
                "a private one needs HF_TOKEN"
            )
        case RevisionNotFoundError():
            return f"{name}: the hub has no revision {revision!r} of it"
        case HFValidationError():
            return f"{name} is no hub id: {_first_line(error)}"
        case IncompleteSnapshotError():
            return f"{name} is only partly in {cache}, and downloads are off (--offline)"
        case LocalEntryNotFoundError() | OfflineModeIsEnabled():
            switch = "--offline" if offline else "HF_HUB_OFFLINE"
            return (
                f"the model {name!r} is neither a folder here nor in {cache}, "
                f"and downloads are off ({switch})"
            )
        case _:
            return f"{name} is not here and its download from {hub} failed: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
