"""A desk for every family: one engine and one offline model for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.core.engine.support")  # so that a failed check shows values

from tests.core.engine.support import FAMILIES, Desk  # noqa: E402


@pytest.fixture(scope="module", params=FAMILIES)
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        made = Desk(request.param, tmp_path_factory.mktemp(request.param), patch)
        yield made
        made.close()
