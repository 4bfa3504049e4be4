"""`llmx analyze-traces`: its options and exit codes. What is shown is in `cli/trace_outputs.py`."""

from __future__ import annotations

import os
from collections.abc import Set
from pathlib import Path
from typing import Annotated, Literal

import typer

from llmx.cli.show import refuse
from llmx.cli.trace_gates import Gates

OF_COMPARE = {"compare", "as_json", "as_md", "strict"}  # parameters that mean something there
OF_SENDING = {"model", "limit", "same_spacing", "yes_remote", "api_key", "timeout"}
OF_REPLAY = {"path", "replay_to", "as_json", "as_md", "detail", "strict", *OF_SENDING}
OF_FOLLOW = {"path", "follow", "for_s", "as_json", "fail_under", "fail_on", "strict"}


def analyze_traces(
    ctx: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(help="Trace file or folder; without it the folder `llmx serve` writes to."),
    ] = None,
    detail: Annotated[
        int,
        typer.Option(
            min=0,
            max=2,
            help="How much is told, a level and not an index: 0 one screen, 1 tables and a line "
            "per request, 2 the full story of each.",
        ),
    ] = 0,
    request: Annotated[
        str | None,
        typer.Option(metavar="ID|N", help="The full story of this request alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
    as_md: Annotated[bool, typer.Option("--md", help="As Markdown.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, a line per request.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML page with pictures, too.")
    ] = None,
    show_content: Annotated[
        bool,
        typer.Option(
            "--show-content", help="Show prompts where they differ, not just their shape."
        ),
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Only requests from then on: 2026-01-05T09:30, or 2h ago."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only requests before then.")
    ] = None,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="What the caches of other servers would have hit.")
    ] = False,
    kv_from: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Sizes in GB too: a model's folder or config.json."),
    ] = None,
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES", help="Caches to compute: 1000,8GB; plain numbers are blocks."
        ),
    ] = None,
    warmup: Annotated[
        Literal["none", "requests", "blocks", "time"],
        typer.Option(help="Score caches on the second half alone, by requests, blocks or time."),
    ] = "none",
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write lengths, times and keyed block ids, no text."),
    ] = None,
    export_as: Annotated[
        Literal["mooncake", "bailian", "weka"], typer.Option(help="With --export: the format.")
    ] = "mooncake",
    fail_under: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Exit 1 where cached / possible tokens are below this, or unknown."
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="CAUSES", help="Exit 1 where one of these occurs: clock,tools_changed."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 where a line could not be read.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="A line per request as they are written, until Ctrl-C.")
    ] = False,
    for_s: Annotated[
        float | None,
        typer.Option("--for", min=0, metavar="SECONDS", help="End --follow by itself."),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="BEFORE AFTER", help="What changed between two traces."),
    ] = None,
    replay_to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the requests to a server again, and compare."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="With --replay-to: the model to ask, not the recorded one.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="With --replay-to: send the first so many requests.")
    ] = 200,
    same_spacing: Annotated[
        bool, typer.Option("--same-spacing", help="With --replay-to: wait as long as they did.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=1, metavar="SECONDS", help="With --replay-to: longest wait for one."),
    ] = 600,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="With --replay-to: key to send.")
    ] = None,
    yes_remote: Annotated[
        bool, typer.Option("--yes-remote", help="With --replay-to: allow another machine.")
    ] = False,
) -> None:
    """Tell from recorded requests what the cache saved, and where prompts broke it.

    Exit codes: 0 done; 1 below --fail-under, a cause of --fail-on, worse with --compare, not as it
    was with --replay-to; 2 nothing readable, or a line skipped with --strict; 3 --compare or
    --replay-to cannot tell.
    """
    from llmx.cli.trace_outputs import Outputs, Window
    from llmx.cli.trace_reading import say_what_was_read
    from llmx.core.errors import ConfigError

    if as_json + as_md + as_csv > 1:
        raise ConfigError("--json, --md and --csv: only one of them can be meant")
    if compare is not None:
        from llmx.cli.trace_modes import compare_traces

        refuse(ctx, "--compare reads two traces and nothing else", _all_but(ctx, OF_COMPARE))
        code = compare_traces(*compare, as_json=as_json, as_md=as_md, strict=strict)
        raise typer.Exit(code)
    folder = path if path is not None else _traces_folder()
    if replay_to is not None:
        from llmx.cli.trace_modes import Resending, Shape, replay_trace

        refuse(ctx, "--replay-to sends and compares", _all_but(ctx, OF_REPLAY))
        wanted = Resending(replay_to, limit, model, api_key, timeout, same_spacing, yes_remote)
        shape = Shape(as_json=as_json, as_md=as_md, rows=detail > 0)
        code = replay_trace(folder, wanted, shape, strict=strict)
        raise typer.Exit(code)
    refuse(ctx, "only --replay-to sends anything", OF_SENDING)
    gates = Gates.of(fail_under, fail_on, strict)
    if follow:
        from llmx.cli.trace_modes import follow_trace

        refuse(ctx, "--follow tells as it goes", _all_but(ctx, OF_FOLLOW))
        raise typer.Exit(follow_trace(folder, gates, for_s=for_s, as_json=as_json))
    refuse(ctx, "only --follow ends by time", {"for_s"})
    if export is None:
        refuse(ctx, "only --export has a format", {"export_as"})
    outputs = Outputs(
        form="json" if as_json else "md" if as_md else "csv" if as_csv else "text",
        detail=detail,
        request=request,
        show_content=show_content,
        html=html,
        export=export,
        export_as=export_as,
        what_if=what_if,
        kv_from=kv_from,
        sizes=sizes,
        warmup=warmup,
    )
    outputs.check()
    reading, report = outputs.run(folder, Window.of(since, until))
    say_what_was_read(reading)
    raise typer.Exit(gates.exit_code(report, has_skipped=bool(reading.skipped)))


def _traces_folder() -> Path:
    from llmx.core.config import traces_folder

    return traces_folder(os.environ)


def _all_but(ctx: typer.Context, used: Set[str]) -> Set[str]:
    return {str(one.name) for one in ctx.command.params} - used
