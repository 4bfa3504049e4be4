"""What one probe found: a claim about a server with its evidence, apart from the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llmx.core.types import Json

ProbeStatus = Literal["pass", "fail", "skip", "inconclusive"]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    id: str  # stable: R1
    status: ProbeStatus
    why: str  # one sentence
    evidence: Mapping[str, Json] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.id}  {self.status}  {self.why}"

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "status": self.status,
            "why": self.why,
            "evidence": dict(self.evidence),
        }
