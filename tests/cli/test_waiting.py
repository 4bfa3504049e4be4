"""What is shown while a model is fetched: in a pipe, few lines and no bar."""

from __future__ import annotations

import pytest

from llmx.cli.waiting import Waiting, aside


def test_in_a_pipe_a_download_is_told_of_once_per_tenth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Waiting() as view:
        view.stage("looking", in_pipe=False)
        for present in (0, 4, 9, 10, 55, 59, 100, 100):
            view.downloaded(present * 10**6, 10**8)
        view.stage("loading")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "llmx: downloading, 0 B of 100 MB",
        "llmx: downloading, 10 MB of 100 MB",
        "llmx: downloading, 55 MB of 100 MB",
        "llmx: downloading, 100 MB of 100 MB",
        "llmx: loading",
    ]


def test_what_is_done_aside_gives_its_result_or_its_error() -> None:
    assert aside(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0)
