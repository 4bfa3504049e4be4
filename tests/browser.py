"""A real browser for the slow tests: Chromium over its own protocol, one page at a time.

`CHROMIUM` names the program where it is not on the path. Without one, `found()` is None.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEADLINE_S = 60.0
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--remote-debugging-port=0")  # fmt: skip


def found() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """An open tab. `asked` are the URLs that it fetched, `errors` what it complained about."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)
        self.asked: list[str] = []
        self.errors: list[str] = []
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = self._heard()
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]

    def open(self, file: Path, *, width: int, height: int = 900, scheme: str = "light") -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=file.as_uri())
        while self._heard().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return told["result"].get("value")

    def picture(self, file: Path) -> None:
        told = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(told["data"]))

    def _heard(self) -> dict[str, Any]:
        said = json.loads(self._connection.recv(DEADLINE_S))
        match said.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(said["params"]["request"]["url"])
            case "Log.entryAdded":
                self.errors.append(said["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.errors.append(str(said["params"]))
            case _:
                pass
        return said


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A tab of a browser that keeps its state in `folder` and ends with the context."""
    program = found()
    assert program is not None
    command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        at = next(line.split()[-1] for line in process.stderr if "DevTools listening" in line)
        with connect(at, max_size=None) as browser:
            browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            targets = json.loads(browser.recv(DEADLINE_S))["result"]["targetInfos"]
        tab = next(one["targetId"] for one in targets if one["type"] == "page")
        url = f"{at.split('/devtools/')[0]}/devtools/page/{tab}"
        with connect(url, max_size=None) as connection:
            yield Page(connection)
    finally:
        process.terminate()
        process.wait(DEADLINE_S)
        if process.stderr is not None:
            process.stderr.close()
