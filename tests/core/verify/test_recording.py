"""Runs over HTTP, written down: each keeps the published forms and gets its verdict again."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from jsonschema import Draft202012Validator

from llmx.core.verify.document import result_from
from llmx.core.verify.replay import replay
from llmx.core.verify.reports.html import html
from llmx.core.verify.reports.junit import junit
from llmx.core.verify.reports.markdown import markdown
from tests.core.verify.fakes import Fake
from tests.core.verify.reports.junit_form import Form
from tests.core.verify.test_session import SLOW_S, verify
from tools.result_schema import TARGET

VALIDATOR = Draft202012Validator(json.loads(TARGET.read_text("utf-8")))


@pytest.mark.parametrize(
    ("fake", "wanted"),
    [
        (Fake(prefill_s=SLOW_S), {"profile": "smoke"}),
        (Fake(reuse=0, claim="seen", prefill_s=SLOW_S), {"only": ("A1",)}),
        (Fake(corrupts=True, prefill_s=SLOW_S), {"only": ("A1", "C2")}),
        (Fake(bypass=True, prefill_s=SLOW_S), {"only": ("A1", "I1")}),
        (Fake(prefill_s=SLOW_S), {"profile": "smoke", "max_seconds": 2.0}),
        (Fake(prefill_s=1e-6), {"only": ("A1",)}),
        (Fake(breaks_at=20, prefill_s=SLOW_S), {"only": ("A1",)}),
    ],
    ids=["honest", "phantom", "corrupt", "leak", "late", "fast", "breaks"],
)
def test_a_run_over_http_is_recorded_and_replayed(fake: Fake, wanted: dict[str, Any]) -> None:
    result = verify(fake, **wanted)
    document = json.dumps(result.to_json(), allow_nan=False)
    VALIDATOR.validate(json.loads(document))
    again = replay(result_from(document.encode("utf-8")))
    assert again.differences == ()
    assert again.result == result
    seen = fromstring(junit(result))
    Form().check(seen)
    assert {case.attrib["name"].split()[0] for case in seen.iter("testcase")} >= {
        probe.id for probe in result.probes
    }
    for report in (html, markdown):
        assert result.verdict in report(result)
