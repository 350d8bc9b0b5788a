"""What validation found."""

from __future__ import annotations

from sipgen.errors import Finding
from sipgen.message import Message

__all__ = ["Report"]


class Report:
    """All findings about one message, in the order of their place in it."""

    __slots__ = ("findings", "message")

    def __init__(self, findings: tuple[Finding, ...], message: Message | None) -> None:
        self.findings = findings
        """What is wrong or odd, by offset."""
        self.message = message
        """The message as read leniently, ``None`` if it cannot be read at all."""

    @property
    def ok(self) -> bool:
        """Whether no finding is of severity ``error``."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, object]:
        """The report as a JSON-ready dict: ``ok`` and ``findings``."""
        return {"ok": self.ok, "findings": [finding.to_dict() for finding in self.findings]}

    def __repr__(self) -> str:
        return f"Report(ok={self.ok}, findings={len(self.findings)})"
