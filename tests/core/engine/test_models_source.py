"""Finding a model: each wrong folder, file or hub answer is one clear line before any loading.

The hub is a small real HTTP server that speaks the few routes a download asks.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from llmx.core.engine.model_folder import (
    check_adapter,
    check_folder,
    is_supported,
    supported_types,
)
from llmx.core.engine.models_source import locate
from llmx.core.engine.weights_file import check_safetensors
from llmx.core.errors import ModelError

WEIGHTS = {"a": np.ones((2, 3), np.float32), "b": np.zeros((5,), np.float16)}  # 24 + 10 bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which nothing is wrong that can be seen without loading it."""
    path = tmp_path / "model"
    path.mkdir()
    (path / "config.json").write_text('{"model_type": "llama"}')
    (path / "tokenizer.json").write_text('{"version": "1.0"}\n')
    save_file(WEIGHTS, path / "model.safetensors")
    return path


def refusal(check: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        check(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


# ── folders ───────────────────────────────────────────────────────────────────────────────────


def test_a_good_folder_tells_its_type_and_its_bytes(folder: Path) -> None:
    checked = check_folder(folder)
    assert (checked.model_type, checked.weight_bytes) == ("llama", 34)  # 2*3*4 + 5*2


def test_a_missing_folder_and_a_file_in_its_place(folder: Path) -> None:
    assert "does not exist" in refusal(check_folder, folder / "nowhere")
    gguf = folder / "model.gguf"
    gguf.touch()
    assert "is a file, wanted a folder" in refusal(check_folder, gguf)
    assert "GGUF" in refusal(check_folder, gguf)


def test_a_folder_without_a_config_says_what_it_has(folder: Path, tmp_path: Path) -> None:
    (folder / "config.json").unlink()
    assert "config.json is missing; it has model.safetensors" in refusal(check_folder, folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "it is empty" in refusal(check_folder, empty)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "config.json is not JSON"),
        ("[]", "config.json is not a JSON object"),
        ("[" * 100_000, "config.json is not JSON"),
        ("\xff", "config.json is not JSON"),
        ("{}", "has no model_type"),
        ('{"model_type": 3}', "has no model_type"),
        ('{"model_type": "lama"}', "no model_type 'lama'"),
        ('{"model_type": "../utils"}', "no model_type"),
        ('{"model_type": "cache"}', "no model_type 'cache'"),  # a module, but no model
        ('{"model_type": "llama", "model_file": "m.py"}', "runs no code of a model"),
    ],
)
def test_a_wrong_config_is_named(folder: Path, config: str, message: str) -> None:
    (folder / "config.json").write_bytes(config.encode("latin-1"))
    assert message in refusal(check_folder, folder)


def test_an_unknown_type_names_its_nearest(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "qwen33"}')
    message = refusal(check_folder, folder)
    assert "qwen3" in message.split("nearest are")[1]


IMPORT_ALL_MODELS = """
import importlib, json, pkgutil, mlx_lm.models, mlx_lm.utils
names = set(mlx_lm.utils.MODEL_REMAPPING)
for module in pkgutil.iter_modules(mlx_lm.models.__path__):
    try:
        if "Model" in vars(importlib.import_module(f"mlx_lm.models.{module.name}")):
            names.add(module.name)
    except SystemExit:  # olmo, without its package
        pass
print(json.dumps(sorted(names)))
"""


def test_the_types_are_those_of_mlx_lm() -> None:
    """What is read from its files is what its loader would import."""
    command = [sys.executable, "-c", IMPORT_ALL_MODELS]
    done = subprocess.run(command, capture_output=True, check=True)
    wanted = json.loads(done.stdout.splitlines()[-1])
    assert supported_types() == wanted
    assert all(is_supported(name) for name in wanted)


def test_a_folder_without_weights_says_what_lies_there_instead(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.rename(folder / "weights.safetensors")
    assert "has no weights (model*.safetensors)" in refusal(check_folder, folder)
    assert "weights.safetensors: mlx-lm reads only" in refusal(check_folder, folder)
    (folder / "weights.safetensors").rename(folder / "pytorch_model.bin")
    assert "convert them with mlx_lm.convert" in refusal(check_folder, folder)


def test_a_missing_shard_is_named(folder: Path) -> None:
    shards = [f"model-0000{i}-of-00003.safetensors" for i in (1, 2, 3)]
    (folder / "model.safetensors").rename(folder / shards[0])
    index = {"weight_map": {"a": shards[0], "b": shards[2], "c": shards[1], "d": shards[1]}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    message = refusal(check_folder, folder)
    assert "2 of 3 weight files" in message
    assert shards[1] in message


def test_a_folder_without_or_with_half_a_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model": {"vo')
    assert "tokenizer.json is truncated" in refusal(check_folder, folder)
    (folder / "tokenizer.json").write_text("")
    assert "tokenizer.json is truncated" in refusal(check_folder, folder)
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer: none of tokenizer.json" in refusal(check_folder, folder)


def test_a_broken_generation_config_is_found_before_loading(folder: Path) -> None:
    (folder / "generation_config.json").write_text('{"temperature": ')
    assert "generation_config.json is not JSON" in refusal(check_folder, folder)


# ── safetensors ───────────────────────────────────────────────────────────────────────────────


def header(document: object, data: bytes = b"") -> bytes:
    text = json.dumps(document).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is truncated: it has 0 bytes"),
        (b"\x10\0\0", "is truncated: it has 3 bytes"),
        (b"\x10\0\0\0\0\0\0\0{}", "is truncated: its header ends at 24, it has 10"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a Git LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "no safetensors file"),
        (b"\x02\0\0\0\0\0\0\0{x", "its header is not JSON"),
        (header([]), "not a JSON object"),
        (header({"a": {"shape": [1], "data_offsets": [0, 4]}}, b"1234"), "tensor a.dtype"),
        (header({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}), "a.shape.0"),
        (header({"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}), "dtype 'F99'"),
        (
            header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"1234"),
            "needs 8 bytes, its offsets give 4",
        ),
        (
            header({"a": {"dtype": "U8", "shape": [1], "data_offsets": [3, 4]}}, b"1234"),
            "begins at byte 3 of the data, the one before it ends at 0",
        ),
    ],
)
def test_a_damaged_weights_file_says_what_is_off(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    said = refusal(check_safetensors, path)
    assert message in said
    assert str(path) in said


def test_a_file_cut_anywhere_is_truncated(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    whole = save(WEIGHTS)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert "is truncated" in refusal(check_safetensors, path), length


def test_a_cut_or_prolonged_file_tells_both_lengths(tmp_path: Path) -> None:
    whole = save(WEIGHTS)
    path = tmp_path / "model.safetensors"
    path.write_bytes(whole[:-1])
    both = f"{len(whole)} bytes, it has {len(whole) - 1}"
    assert f"is truncated: its header tells of {both}" in refusal(check_safetensors, path)
    path.write_bytes(whole + b"x")
    assert "is damaged: its header tells of" in refusal(check_safetensors, path)
    path.write_bytes(whole)
    assert check_safetensors(path) == 34


def test_sub_byte_dtypes_and_empty_tensors_are_counted_right(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {
        "__metadata__": {"format": "mlx"},
        "half": {"dtype": "F4", "shape": [3, 2], "data_offsets": [0, 3]},  # 6 * 4 bits
        "none": {"dtype": "F32", "shape": [0], "data_offsets": [3, 3]},
        "one": {"dtype": "I16", "shape": [], "data_offsets": [3, 5]},
    }
    path.write_bytes(header(tensors, b"12345"))
    assert check_safetensors(path) == 5


# ── adapters ──────────────────────────────────────────────────────────────────────────────────


def test_an_adapter_has_a_config_and_weights(tmp_path: Path) -> None:
    path = tmp_path / "adapter"
    assert "is no folder" in refusal(check_adapter, path)
    path.mkdir()
    assert "adapter_config.json is missing" in refusal(check_adapter, path)
    config = path / "adapter_config.json"
    config.write_text('{"num_layers": 2, "lora_parameters": {"rank": 8}}')
    (path / "adapter_model.safetensors").touch()
    assert "lacks adapters.safetensors" in refusal(check_adapter, path)
    assert "PEFT" in refusal(check_adapter, path)
    (path / "adapters.safetensors").write_bytes(save(WEIGHTS)[:-1])
    assert "is truncated" in refusal(check_adapter, path)
    (path / "adapters.safetensors").write_bytes(save(WEIGHTS))
    check_adapter(path)
    config.write_text('{"num_layers": 2}')
    assert "lora_parameters" in refusal(check_adapter, path)
    config.write_text('{"fine_tune_type": "full"}')
    check_adapter(path)


# ── locating ──────────────────────────────────────────────────────────────────────────────────


def test_without_a_name_it_is_the_bundled_model() -> None:
    with locate(None) as found:
        assert found.bundled
        assert check_folder(found.path).model_type


def test_a_folder_here_is_taken_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    with locate("model") as found:
        assert found.path.resolve() == folder.resolve()
        assert (found.id, found.bundled) == ("model", False)


def test_a_folder_is_taken_before_a_hub_id(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org").mkdir()
    folder.rename(tmp_path / "org" / "name")
    with locate("org/name", offline=True) as found:
        assert found.path.resolve() == (tmp_path / "org" / "name").resolve()


@pytest.mark.parametrize("name", ["", "nowhere", "./nowhere/at/all", "a/b/c", "a/b@", "a b/c"])
def test_what_is_neither_a_folder_nor_a_hub_id_is_said_to_be_neither(name: str) -> None:
    wanted = r"neither a folder here nor a hub id \(org/name\)"
    with pytest.raises(ModelError, match=wanted), locate(name):
        pass


COMMIT = "a" * 40
MODEL_INFO = {"/api/models/org/name"} | {
    f"/api/models/org/name/revision/{revision}" for revision in ("main", "v1", COMMIT)
}


class FakeHub(http.server.ThreadingHTTPServer):
    """One repository `org/name` with one commit, branch `main` and tag `v1`.

    It breaks the connection in the middle of a weights file as often as `breaks` says.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files = files
        self.sent_from: list[int] = []  # where each answer with bytes of the weights began
        self.knows_ranges = True
        self.breaks: list[int] = []  # bytes to send before breaking, one entry per answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        assert isinstance(self.server, FakeHub)
        return self.server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/api/models/gated/"):
            self.answer(403, b"", {"X-Error-Code": "GatedRepo"})
        elif path.startswith("/api/models/broken/"):
            self.answer(500, b"")
        elif path in MODEL_INFO:
            self.answer_json({"id": "org/name", "sha": COMMIT, "siblings": self.entries("r")})
        elif path == f"/api/models/org/name/tree/{COMMIT}":
            self.answer_json(self.entries("tree"))
        elif path.startswith(f"/org/name/resolve/{COMMIT}/"):
            self.answer_file(path.rsplit("/", 1)[1])
        elif path.startswith("/api/models/org/name/"):
            self.answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
        else:
            self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})

    def entries(self, form: str) -> list[dict[str, object]]:
        """The files as `siblings` ("r") or as the tree listing names them."""
        entries: list[dict[str, object]] = []
        for name, data in self.hub.files.items():
            entry: dict[str, object] = {"size": len(data), "blobId": git_oid(data)}
            if form == "r":
                entry["rfilename"] = name
            else:
                entry |= {"type": "file", "path": name, "oid": git_oid(data)}
            if name.endswith(".safetensors"):
                digest = hashlib.sha256(data).hexdigest()
                key = "sha256" if form == "r" else "oid"
                entry["lfs"] = {key: digest, "size": len(data), "pointerSize": 130}
            entries.append(entry)
        return entries

    def answer_json(self, document: object) -> None:
        self.answer(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def answer_file(self, name: str) -> None:
        data = self.hub.files[name]
        large = name.endswith(".safetensors")
        etag = hashlib.sha256(data).hexdigest() if large else git_oid(data)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}
        if not large or self.command == "HEAD":
            self.answer(200, data, headers)
            return
        asked = self.headers.get("Range", "bytes=0-") if self.hub.knows_ranges else "bytes=0-"
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.hub.sent_from.append(start)
        headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.answer(206 if self.hub.knows_ranges else 200, data[start:], headers)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if headers is not None and "Content-Range" in headers and self.hub.breaks:
            body = body[: self.hub.breaks.pop(0)]
            self.close_connection = True
        self.wfile.write(body)


def git_oid(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def hub(folder: Path) -> Iterator[FakeHub]:
    files = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    with FakeHub({**files, "README.md": b"not wanted", "big.bin": b"not wanted"}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


LOCATE = """
import json, sys
from llmx.core.engine.models_source import locate
from llmx.core.errors import ModelError
seen, offline, weights = [], "offline" in sys.argv, "weightless" not in sys.argv
try:
    with locate(
        sys.argv[1], offline=offline, progress=lambda *n: seen.append(n), weights=weights
    ) as found:
        names = sorted(entry.name for entry in found.path.iterdir())
        said = {"id": found.id, "names": names, "seen": seen, "path": str(found.path)}
except ModelError as error:
    said = {"error": str(error)}
print(json.dumps(said))
"""

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`locate` in a process whose hub is at `url` and whose hub cache is this test's own."""

    def run(url: str, *args: str) -> dict[str, Any]:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        environ |= {"HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            [sys.executable, "-c", LOCATE, *args],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def partial(hub: FakeHub, tmp_path: Path) -> Path:
    """Where a download that broke off keeps what it has of the weights."""
    blobs = tmp_path / "hf" / "hub" / "models--org--name" / "blobs"
    blobs.mkdir(parents=True)
    digest = hashlib.sha256(hub.files["model.safetensors"]).hexdigest()
    return blobs / f"{digest}.llmx-partial"


AWAY = "http://127.0.0.1:1"  # nobody listens there


def test_a_hub_model_is_downloaded_once_and_then_served_without_the_hub(
    hub: FakeHub, ask: Ask
) -> None:
    first = ask(hub.url, "org/name")
    assert first["id"] == "org/name"
    assert first["names"] == ["config.json", "model.safetensors", "tokenizer.json"]
    size = len(hub.files["model.safetensors"])
    assert first["seen"][-1] == [size, size]
    assert check_folder(Path(first["path"])).weight_bytes == 34
    assert ask(AWAY, "org/name", "offline")["path"] == first["path"]
    assert ask(AWAY, "org/name")["path"] == first["path"]
    assert ask(hub.url, "org/name")["path"] == first["path"]
    assert hub.sent_from == [0]


def test_without_weights_the_rest_is_fetched_and_the_weights_can_follow(
    hub: FakeHub, ask: Ask
) -> None:
    light = ask(hub.url, "org/name", "weightless")
    assert (light["names"], hub.sent_from) == (["config.json", "tokenizer.json"], [])
    assert ask(AWAY, "org/name", "weightless")["path"] == light["path"]
    whole = ask(hub.url, "org/name")
    assert (whole["path"], hub.sent_from) == (light["path"], [0])
    assert "model.safetensors" in whole["names"]


def test_a_revision_is_part_of_the_name(hub: FakeHub, ask: Ask) -> None:
    assert ask(hub.url, "org/name@v1")["id"] == "org/name@v1"
    assert "has no revision 'v2'" in ask(hub.url, "org/name@v2")["error"]


def test_a_download_goes_on_where_the_last_one_ended(hub: FakeHub, ask: Ask, partial: Path) -> None:
    data = hub.files["model.safetensors"]
    partial.write_bytes(data[:40])
    found = ask(hub.url, "org/name")
    assert hub.sent_from == [40]
    assert found["seen"][0] == [40, len(data)]
    assert check_folder(Path(found["path"])).weight_bytes == 34
    assert not partial.exists()


def test_a_connection_that_breaks_is_taken_up_in_the_same_run(hub: FakeHub, ask: Ask) -> None:
    hub.breaks = [30, 0, 0, 20]
    found = ask(hub.url, "org/name")
    assert hub.sent_from == [0, 30, 30, 30, 50]
    assert check_folder(Path(found["path"])).weight_bytes == 34


def test_a_connection_that_gives_nothing_any_more_is_given_up_and_keeps_its_bytes(
    hub: FakeHub, ask: Ask, partial: Path
) -> None:
    hub.breaks = [30, 0, 0, 0, 0, 0]
    assert "download from" in ask(hub.url, "org/name")["error"]
    assert partial.stat().st_size == 30
    hub.breaks = []
    assert ask(hub.url, "org/name")["id"] == "org/name"
    assert hub.sent_from[-1] == 30


def test_a_server_without_ranges_sends_all_again(hub: FakeHub, ask: Ask, partial: Path) -> None:
    partial.write_bytes(hub.files["model.safetensors"][:40])
    hub.knows_ranges = False
    found = ask(hub.url, "org/name")
    size = len(hub.files["model.safetensors"])
    assert hub.sent_from == [0]
    assert found["seen"][-1] == [size, size]


def test_a_partial_file_that_is_wrong_is_found_by_its_digest_and_fetched_anew(
    hub: FakeHub, ask: Ask, partial: Path
) -> None:
    partial.write_bytes(b"\0" * 40)
    error = ask(hub.url, "org/name")["error"]
    assert "is damaged" in error
    assert "SHA-256" in error
    assert ask(hub.url, "org/name")["id"] == "org/name"
    assert hub.sent_from == [40, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("org/missing", "neither a folder here nor on the hub"),
        ("gated/model", "is gated: accept its terms"),
        ("broken/model", "500"),
        ("org/na--me", "is no hub id"),
    ],
)
def test_what_the_hub_refuses_is_told_in_one_line(
    hub: FakeHub, ask: Ask, name: str, message: str
) -> None:
    error = ask(hub.url, name)["error"]
    assert message in error
    assert name in error
    assert "\n" not in error


def test_a_hub_that_cannot_be_reached_is_named(ask: Ask) -> None:
    error = ask(AWAY, "org/name")["error"]
    assert f"org/name is not here and its download from {AWAY} failed: Connect" in error


def test_offline_asks_nobody(hub: FakeHub, ask: Ask) -> None:
    error = ask(hub.url, "org/name", "offline")["error"]
    assert "downloads are off (--offline)" in error
    assert "'org/name'" in error


def test_offline_refuses_a_snapshot_that_is_not_whole(hub: FakeHub, ask: Ask) -> None:
    found = ask(hub.url, "org/name")
    (Path(found["path"]) / "config.json").unlink()
    assert "is only partly in" in ask(hub.url, "org/name", "offline")["error"]
