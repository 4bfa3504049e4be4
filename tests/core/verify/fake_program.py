"""A fake server as a command: `python -m tests.core.verify.fake_program [DIES_AT]`, on a free port.

Claims more cached tokens than the prompt has, so its verdict does not hang on any time. The process
ends with exit code 5 at the request DIES_AT, from 1.
"""

from __future__ import annotations

import os
import socket
import sys

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.core.verify.fakes import Fake


def mortal(app: ASGIApp, fake: Fake, dies_at: int) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if len(fake.bodies) + 1 == dies_at and scope["path"].endswith("/completions"):
            os.write(2, b"out of memory\n")
            os._exit(5)
        await app(scope, receive, send)

    return serve


def main(dies_at: int) -> None:
    fake = Fake(claim="too much", prefill_s=0)
    app = mortal(fake.app(), fake, dies_at)
    config = uvicorn.Config(app, log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[socket.create_server(("127.0.0.1", 0))])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
