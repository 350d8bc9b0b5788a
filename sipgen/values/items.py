"""A word with parameters, ``value *(;name=value)``: what most header fields hold.

One reader for all: the word is a token, a quoted string, ``*``, or what else a later RFC has
put there, and ends at the first semicolon outside quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Self

from sipgen.values.building import Built, parameters_of, reads_back
from sipgen.values.parameters import NONE, Parameters, read_parameters
from sipgen.values.text import (
    QUOTED_STRING,
    TOKEN,
    Text,
    fault,
    number_of,
    quote,
    quoted_string,
    unfolded,
    unquote,
)
from sipgen.wire.names import is_token

__all__ = [
    "Disposition",
    "Event",
    "Identity",
    "Item",
    "Join",
    "PlainWord",
    "QuotedWord",
    "Reason",
    "Replaces",
    "SessionID",
    "SubscriptionState",
    "TargetDialog",
    "Word",
]

_new_tuple = tuple.__new__


class _Item(NamedTuple):
    value: str
    params: Parameters


class Item(Built, _Item):  # type: ignore[misc]
    """A token with parameters: ``gzip;q=0.5``."""

    __slots__ = ()

    rule: ClassVar[str] = "token"
    """The ABNF rule of the value, for errors."""
    _head: ClassVar[re.Pattern[str]] = re.compile(rf"({TOKEN})[ \t]*+(?=;|\Z)")
    _expected: ClassVar[str] = "a token"
    _quoted: ClassVar[frozenset[str]] = frozenset()

    def __new__(cls, value: str, params: Mapping[str, str | None] = NONE) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        if not isinstance(params, Parameters):
            params = Parameters.written(
                [
                    (name, quote(text) if name in cls._quoted and text is not None else text)
                    for name, text in Parameters(params).items()
                ]
                if cls._quoted
                else Parameters(params).pairs
            )
        new = super().__new__(cls, value, parameters_of(params))
        return reads_back(new, cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read one value with its parameters; :class:`ParseError` if ``text`` is none."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = cls._head.match(text)
        if match is None:
            fault(cls.rule, f"{cls._expected} is expected, then parameters", text)
        params = read_parameters(cls.rule, text, match.end())
        made: Self = _new_tuple(cls, (cls._meant(match[1]), params))
        return made

    @classmethod
    def _meant(cls, written: str) -> str:
        return written

    def _written(self) -> str:
        return self.value

    def with_params(self, params: Mapping[str, str | None]) -> Self:
        """This value with other parameters; BuildError as for making one."""
        return type(self)(self.value, params)

    def __str__(self) -> str:
        return f"{self._written()}{self.params}"


class Word(Item):
    """A token or a quoted string with parameters; ``value`` is without quotation marks."""

    __slots__ = ()

    rule = "gen-value"
    _head = re.compile(rf"({QUOTED_STRING}|[^\x00-\x20\x7f\";,<>]++)[ \t]*+(?=;|\Z)")
    _expected = "a token or a quoted string"

    @classmethod
    def _meant(cls, written: str) -> str:
        return unquote(written)

    def _written(self) -> str:
        return self.value if is_token(self.value) else quoted_string(self.value)


class QuotedWord(Word):
    """A quoted string with parameters, such as the URI of a P-DCS-Redirect."""

    __slots__ = ()

    rule = "quoted-string"

    def _written(self) -> str:
        return quoted_string(self.value)


class PlainWord(Item):
    """A word of visible characters with parameters, such as the host of a P-DCS-LAES."""

    __slots__ = ()

    rule = "hostport"
    _head = re.compile(r"([^\x00-\x20\x7f\";,<>]++)[ \t]*+(?=;|\Z)")
    _expected = "a word"


class Event(Item):
    """``Event`` (RFC 6665 section 8.2.1): event package and its templates, ``presence.winfo``."""

    __slots__ = ()

    rule = "event-type"
    _expected = "an event package"

    @property
    def package(self) -> str:
        """The package without templates."""
        return self.value.partition(".")[0]

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates applied to the package, in order."""
        return tuple(self.value.split(".")[1:])

    @property
    def id(self) -> str | None:
        """The ``id`` parameter."""
        return self.params.plain("id")


class SubscriptionState(Item):
    """``Subscription-State`` (RFC 6665 section 8.2.3)."""

    __slots__ = ()

    rule = "substate-value"
    _expected = "a subscription state"

    @property
    def reason(self) -> str | None:
        """Why a subscription ended, ``None`` without one."""
        return self.params.plain("reason")

    @property
    def expires(self) -> int | None:
        """Seconds that are left."""
        return number_of(self.params.plain("expires"))

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before subscribing again."""
        return number_of(self.params.plain("retry-after"))


class Reason(Item):
    """``Reason`` (RFC 3326): ``value`` is the protocol that ``cause`` is a code of."""

    __slots__ = ()

    rule = "reason-value"
    _expected = "a protocol"
    _quoted = frozenset({"text"})

    @property
    def cause(self) -> int | None:
        """The code."""
        return number_of(self.params.plain("cause"))

    @property
    def text(self) -> str | None:
        """What the code means."""
        return self.params.plain("text")


class Disposition(Item):
    """``Content-Disposition`` (RFC 3261 section 20.11): ``session;handling=optional``."""

    __slots__ = ()

    rule = "disp-type"
    _expected = "a disposition type"

    @property
    def handling(self) -> str | None:
        """What to do if the body is not understood: ``required`` or ``optional``."""
        value = self.params.plain("handling")
        return value.lower() if value else None


class _DialogReference(Item):
    """A Call-ID and the tags of a dialog; ``value`` is the Call-ID."""

    __slots__ = ()

    rule = "callid"
    _head = re.compile(r"([^\x00-\x20\x7f;,]++)[ \t]*+(?=;|\Z)")
    _expected = "a Call-ID"

    @property
    def call_id(self) -> str:
        """The dialog's Call-ID."""
        return self.value

    def _tag(self, name: str) -> str | None:
        return self.params.plain(name)


class _WithToAndFromTag(_DialogReference):
    __slots__ = ()

    @property
    def to_tag(self) -> str | None:
        """The tag that is local to the recipient."""
        return self._tag("to-tag")

    @property
    def from_tag(self) -> str | None:
        """The tag that is remote to the recipient."""
        return self._tag("from-tag")


class Replaces(_WithToAndFromTag):
    """``Replaces`` (RFC 3891 section 6.1): the dialog to replace."""

    __slots__ = ()

    @property
    def early_only(self) -> bool:
        """Whether only an early dialog is to be replaced."""
        return "early-only" in self.params


class Join(_WithToAndFromTag):
    """``Join`` (RFC 3911 section 7.1): the dialog to join."""

    __slots__ = ()


class TargetDialog(_DialogReference):
    """``Target-Dialog`` (RFC 4538 section 7): a dialog that the recipient knows."""

    __slots__ = ()

    @property
    def local_tag(self) -> str | None:
        """The tag that is local to the recipient."""
        return self._tag("local-tag")

    @property
    def remote_tag(self) -> str | None:
        """The tag that is remote to the recipient."""
        return self._tag("remote-tag")


class SessionID(Item):
    """``Session-ID`` (RFC 7989 section 5): ``value`` is the local UUID."""

    __slots__ = ()

    rule = "session-id-value"
    _expected = "a UUID"

    @property
    def local_uuid(self) -> str:
        """The sender's UUID."""
        return self.value

    @property
    def remote_uuid(self) -> str | None:
        """The UUID of the other side; ``None`` if it is not given."""
        return self.params.plain("remote")


class Identity(Item):
    """``Identity`` (RFC 8224 section 4): a PASSporT, and where its certificate is.

    ``value`` is the signed-identity-digest; that of RFC 4474 has no parameters.
    """

    __slots__ = ()

    rule = "signed-identity-digest"
    _head = re.compile(rf"({QUOTED_STRING}|[A-Za-z0-9+/=.\-_]++)[ \t]*+(?=;|\Z)")
    _expected = "a digest in base64"

    @property
    def info(self) -> str | None:
        """URI of the certificate, without angle brackets."""
        value = self.params.plain("info")
        return value[1:-1] if value and value[0] == "<" else value

    @property
    def algorithm(self) -> str | None:
        """The ``alg`` parameter."""
        return self.params.plain("alg")

    @property
    def passport_type(self) -> str | None:
        """The ``ppt`` parameter: which extension of PASSporT it is."""
        return self.params.plain("ppt")
