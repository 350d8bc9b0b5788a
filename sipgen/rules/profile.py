"""Profiles: how severe a breach of each rule is.

``strict`` is the RFCs to the letter, ``interop`` what a careful receiver takes; both come
with the rules. A profile of one's own is one of them with some rules set otherwise.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from sipgen.errors import Severity, SipError
from sipgen.generated.conformance import RULES

__all__ = ["Profile", "ProfileName", "RuleSeverity", "profile_of"]

ProfileName = Literal["strict", "interop"]
RuleSeverity = Literal["error", "warning", "off"]

_NAMES = ("strict", "interop")
_SEVERITIES = ("error", "warning", "off")


class Profile:
    """Severities by rule; immutable."""

    __slots__ = ("base", "rules", "severities")

    def __init__(
        self, base: str = "strict", rules: Mapping[str, RuleSeverity] | None = None
    ) -> None:
        """A profile on the base of ``strict`` or ``interop``.

        :param base: the profile that says what ``rules`` does not.
        :param rules: ``error``, ``warning`` or ``off`` by rule: an id that ``sipgen explain
            --list`` shows, or the name of an ABNF rule.
        :raises SipError: for a profile, rule or severity that does not exist, naming the
            nearest.
        """
        if base not in _NAMES:
            raise SipError(f'no profile "{base}"{_nearest(base, _NAMES)}')
        given = dict(rules or {})
        for identifier, severity in given.items():
            _check_rule(identifier)
            if severity not in _SEVERITIES:
                raise SipError(
                    f'rule {identifier}: no severity "{severity}"{_nearest(severity, _SEVERITIES)}'
                )
        self.base: str = base
        """``strict`` or ``interop``."""
        self.rules: dict[str, RuleSeverity] = given
        """What is otherwise than in the base."""
        self.severities: Mapping[str, str] = MappingProxyType(
            {name: getattr(rule, base) for name, rule in RULES.items()} | given
        )
        """Severity of every rule beyond the ABNF, and of those of the ABNF that were set."""

    def severity(self, rule: str) -> Severity | None:
        """The severity of a rule's breaches: ``None`` if it is off.

        A rule of the ABNF is an error unless it was set otherwise.
        """
        found = self.severities.get(rule, "error")
        return None if found == "off" else cast("Severity", found)

    @classmethod
    def from_pyproject(cls, path: str | PathLike[str] = "pyproject.toml") -> Profile:
        """The profile that ``[tool.sipgen]`` of a ``pyproject.toml`` sets.

        Its keys are ``profile`` (``"strict"`` or ``"interop"``) and the table ``rules``.

        :raises SipError: if the file cannot be read, or says what does not exist.
        """
        import tomllib  # noqa: PLC0415 - for this only

        try:
            data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SipError(f"{path}: {error}") from error
        tool = data.get("tool", {})
        section = tool.get("sipgen", {}) if isinstance(tool, dict) else tool
        if not isinstance(section, dict):
            raise SipError(f"{path}: [tool.sipgen] is not a table")
        for key in section:
            if key not in {"profile", "rules"}:
                raise SipError(
                    f'{path}: [tool.sipgen] has no key "{key}"{_nearest(key, ("profile", "rules"))}'
                )
        rules = section.get("rules", {})
        if not isinstance(rules, dict):
            raise SipError(f"{path}: [tool.sipgen] rules is not a table")
        try:
            return cls(str(section.get("profile", "strict")), rules)
        except SipError as error:
            raise SipError(f"{path}: {error}") from None

    def with_rules(self, rules: Mapping[str, RuleSeverity]) -> Profile:
        """This profile with further rules set; raises as the constructor does."""
        return Profile(self.base, {**self.rules, **rules})

    def __repr__(self) -> str:
        return (
            f"Profile({self.base!r}, {self.rules!r})" if self.rules else f"Profile({self.base!r})"
        )


def profile_of(profile: Profile | str) -> Profile:
    """A profile, or the one of that name; raises as :class:`Profile` does."""
    return profile if isinstance(profile, Profile) else _named(profile)


@cache
def _named(name: str) -> Profile:
    return Profile(name)


def _check_rule(identifier: str) -> None:
    if identifier in RULES:
        return
    # Only for the rules of the ABNF, which few profiles name.
    from sipgen.language.hints import hints  # noqa: PLC0415

    known = {*RULES, *hints().rules}
    if identifier not in known:
        raise SipError(f'no rule "{identifier}"{_nearest(identifier, known)}')


def _nearest(name: object, known: object) -> str:
    near = difflib.get_close_matches(str(name), list(cast("set[str]", known)), n=1, cutoff=0.4)
    return f'; did you mean "{near[0]}"?' if near else ""
