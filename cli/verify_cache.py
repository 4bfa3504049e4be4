"""`llmx test-cache`: ask, judge, show. Not named `test_cache`: pytest would collect it."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmx.cli.show import complain, refuse

if TYPE_CHECKING:
    from llmx.core.verify.result import Result
    from llmx.core.verify.session import Wanted

DEFAULT_URL = "http://127.0.0.1:8081"  # where llmx serve is
COSTS = {  # of a profile: requests of long prompts, about
    "smoke": 60,
    "standard": 160,
    "full": 320,
    "audit": 320,
}


OF_REPLAY = {"replay", "as_json", "junit", "md", "html", "require", "allow"}  # parameters


def verify_cache(
    ctx: typer.Context,
    url: Annotated[
        str | None,
        typer.Argument(
            help="A server, with or without /v1 (default: "
            f"{DEFAULT_URL}; with --run, where the command listens)."
        ),
    ] = None,
    profile: Annotated[
        Literal["smoke", "standard", "full", "audit"],
        typer.Option(help="How much to ask: smoke takes half a minute, full a quarter of an hour."),
    ] = "standard",
    api: Annotated[
        Literal["chat", "messages"], typer.Option(help="Chat Completions or Anthropic Messages.")
    ] = "chat",
    only: Annotated[
        str | None,
        typer.Option(metavar="IDS", help="Only these probes, as A1,B2; one that skips is exit 5."),
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(min=1, metavar="SECONDS", help="Begin no probe after so long.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the order of requests.")] = 0,
    model: Annotated[
        str | None, typer.Option(help="Model to ask, where the server has several.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="Key to send to the server.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Longest wait for one answer.")
    ] = 600,
    yes_remote: Annotated[
        bool, typer.Option("--yes-remote", help="Allow a server that is not this machine.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL_OR_FOLDER",
            help="Ask no server: try this model's chat template on growing conversations.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    command: Annotated[
        str | None,
        typer.Option(
            "--run", metavar="CMD", help="Start this server for the test, and end it after."
        ),
    ] = None,
    ready_within: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="With --run: longest time to load.")
    ] = 600,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ask nobody: judge the samples of a --json file again."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="[VERDICT]", help="Say what a verdict means and what to do, or list."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML, a case per probe.")
    ] = None,
    md: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown, for a job's summary.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML page with a plot.")
    ] = None,
    require: Annotated[
        Literal["verified", "working", "any-cache"] | None,
        typer.Option(help="What exit code 0 takes (verified where nothing else was said)."),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="VERDICT", help="Pass with this verdict, too.")
    ] = None,
) -> None:
    """Prove that a server reuses its prefix cache, and that the answers stay right.

    Asks prompts it has seen beside prompts that nobody has, and probes what else a cache can get
    wrong. With --run, also what a restart leaves of it (no shell reads CMD). Exit code: 0 passed,
    1 it does not, 3 cannot be told, 4 unreachable or died, 5 a probe of --only is not supported.
    """
    from llmx.cli import verify_outputs as outputs
    from llmx.core.errors import ConfigError
    from llmx.core.verify.probes.catalogue import RESTART
    from llmx.core.verify.session import Wanted

    if template is not None:
        from llmx.cli.verify_template import verify_template

        _refuse_others(ctx, "--template asks no server", {"template", "as_json"})
        raise typer.Exit(verify_template(template, as_json=as_json))
    if explain is not None:
        outputs.show_explanation(explain)
        return
    if replay is not None:
        _refuse_others(ctx, "--replay asks nobody", OF_REPLAY)
    if command is None:
        refuse(ctx, "only --run waits for a server", {"ready_within"})
    files, allowed = outputs.Files(junit, md, html), outputs.verdicts_of(allow or [])
    files.check()
    if replay is not None:
        again = outputs.replay_file(replay, required=require, allowed=allowed)
        outputs.show_replay(again, as_json=as_json)
        files.write(again.result)
        raise typer.Exit(again.result.exit_code)
    wanted = Wanted(
        profile=profile,
        api=api,
        only=tuple(one.strip() for one in (only or "").split(",") if one.strip()),
        max_seconds=max_seconds,
        seed=seed,
        model=model,
        required=require or "verified",
        allowed=allowed,
    )
    restarts = not wanted.only or RESTART in wanted.ids
    if command is None and RESTART in wanted.ids:
        raise ConfigError(f"probe {RESTART} restarts the server: give its command with --run")
    _refuse_remote(url or DEFAULT_URL, yes_remote)
    _tell_cost(wanted)
    if command is None:
        result = asyncio.run(ask(url or DEFAULT_URL, wanted, api_key, timeout))
    else:
        from llmx.cli.verify_owned import verify_owned

        result = verify_owned(
            command,
            url,
            ready_within_s=ready_within,
            api_key=api_key,
            timeout_s=timeout,
            ask=lambda found: ask(found, wanted, api_key, timeout),
            restarts=restarts,
        )
    outputs.show(result, as_json=as_json)
    files.write(result)
    raise typer.Exit(result.exit_code)


async def ask(url: str, wanted: Wanted, api_key: str | None, timeout_s: float) -> Result:
    """The whole run. Tells on a terminal what is being asked."""
    from llmx.cli.waiting import Waiting
    from llmx.core.client.chat import ChatClient
    from llmx.core.verify.environment import environment
    from llmx.core.verify.session import run

    def connect() -> ChatClient:
        return ChatClient(url, api_key, timeout_s=timeout_s)

    async with connect() as client:
        with Waiting() as view:
            return await run(
                client,
                wanted,
                connect=connect,
                environment=environment(),
                on_step=lambda what: view.stage(what, in_pipe=False),
            )


def _refuse_others(ctx: typer.Context, why: str, used: Set[str]) -> None:
    refuse(ctx, why, {str(one.name) for one in ctx.command.params} - used)


def _refuse_remote(url: str, yes_remote: bool) -> None:
    from llmx.core.client.target import parse_target
    from llmx.core.errors import ConfigError

    target = parse_target(url)
    if not (target.is_loopback or yes_remote):
        raise ConfigError(
            f"{target.base} is not this machine and the test costs it tens of thousands of "
            "prompt tokens; add --yes-remote if that is meant"
        )


def _tell_cost(wanted: Wanted) -> None:
    """Raises `ConfigError` for a probe that there is not."""
    probes = ", ".join(wanted.ids)
    complain(
        f"asking {probes}: about {COSTS[wanted.profile]} prompts of 1,000 to 8,000 tokens, as "
        "many as it takes to tell; they may push other prompts out of the server's cache"
    )
