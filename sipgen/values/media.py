"""Media types and ranges: Content-Type and Accept (RFC 3261 sections 20.1 and 20.15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from sipgen.values.building import Built, parameters_of, reads_back
from sipgen.values.parameters import NONE, Parameters, read_parameters
from sipgen.values.text import TOKEN, WHITE_SPACE, Text, fault, unfolded

__all__ = ["MediaType"]

_TYPE = re.compile(rf"({TOKEN}){WHITE_SPACE}/{WHITE_SPACE}({TOKEN}){WHITE_SPACE}(?=;|\Z)").match
_new_tuple = tuple.__new__


class _MediaType(NamedTuple):
    type: str
    subtype: str
    params: Parameters


class MediaType(Built, _MediaType):  # type: ignore[misc]
    """A media type, ``application/sdp``, or a range, ``text/*``.

    ``type`` and ``subtype`` stand as written; their case does not matter.
    """

    __slots__ = ()

    def __new__(cls, type: str, subtype: str, params: Mapping[str, str | None] = NONE) -> Self:  # noqa: A002 - the RFC's word
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, type, subtype, parameters_of(params)), cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read one media type; :class:`ParseError` if ``text`` is none."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _TYPE(text)
        if match is None:
            fault("media-type", "'type/subtype' is expected, then parameters", text)
        params = read_parameters("media-type", text, match.end())
        made: Self = _new_tuple(cls, (match[1], match[2], params))
        return made

    @property
    def essence(self) -> str:
        """Type and subtype in lower case: ``application/sdp``."""
        return f"{self.type}/{self.subtype}".lower()

    @property
    def is_multipart(self) -> bool:
        """Whether a body of this type has parts (RFC 2046 section 5.1)."""
        return self.type.lower() == "multipart"

    @property
    def charset(self) -> str | None:
        """The ``charset`` parameter."""
        return self.params.plain("charset")

    @property
    def boundary(self) -> str | None:
        """The ``boundary`` parameter of a multipart type (RFC 2046 section 5.1)."""
        return self.params.plain("boundary")

    def __str__(self) -> str:
        return f"{self.type}/{self.subtype}{self.params}"
