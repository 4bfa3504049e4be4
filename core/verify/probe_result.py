"""What one probe found: a claim about a server with its evidence, apart from the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from llmx.core.types import Json
from llmx.core.verify.case import Finding
from llmx.core.verify.result import Probe, Status

TITLE = "what a restart leaves"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    id: str  # stable: R1
    status: Status
    why: str  # one sentence
    evidence: Mapping[str, Json] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.id}  {self.status}  {self.why}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What decides the verdict: a wrong answer."""
        if self.evidence.get("outcome") != "corrupt":
            return ()
        return (Finding("CORRUPT", self.why),)

    @property
    def probe(self) -> Probe:
        return Probe(self.id, TITLE, self.status, self.why, self.evidence)
