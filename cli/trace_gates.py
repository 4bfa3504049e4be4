"""The exit codes of `analyze-traces`: what fails a run in CI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmx.cli.show import NO, OK, USAGE, complain

if TYPE_CHECKING:
    from llmx.core.analysis.report import Report


@dataclass(frozen=True, slots=True)
class Gates:
    fail_under: float | None
    fail_on: frozenset[str]
    strict: bool

    @classmethod
    def of(cls, fail_under: float | None, fail_on: str | None, strict: bool) -> Gates:
        """Raises `ConfigError` for a cause that there is not."""
        from llmx.core.analysis.gates import parse_causes

        names = parse_causes(fail_on) if fail_on is not None else frozenset[str]()
        return cls(fail_under, names, strict)

    def exit_code(self, report: Report, *, has_skipped: bool) -> int:
        """Says on stderr which rule it was."""
        from llmx.core.analysis.gates import fired

        if self.strict and has_skipped:
            return refused_as_strict()
        found = fired(report.rows, self.fail_on)
        for name, count in sorted(found.items()):
            complain(f"--fail-on: {name} in {count:,} request{'' if count == 1 else 's'}")
        if found or self._is_below(report.achieved):
            return NO
        return OK

    def nothing_read(self) -> int:
        """No request came: what has to be shown was not."""
        return NO if self.fail_under is not None else OK

    def _is_below(self, achieved: float | None) -> bool:
        if self.fail_under is None:
            return False
        if achieved is None:
            complain("--fail-under: the share of the possible is unknown")
            return True
        if achieved < self.fail_under:
            complain(f"--fail-under: {achieved:.2f} of the possible, wanted {self.fail_under:g}")
            return True
        return False


def refused_as_strict() -> int:
    complain("--strict: lines were skipped")
    return USAGE
