"""The functions of the conformance rules, by theme; importing this registers them all."""

from sipgen.validation.rules import (
    addresses,
    authentication,
    bodies,
    contacts,
    dialogs,
    identities,
    numbers,
    options,
    presence,
    start_lines,
    uris,
    via,
)

__all__ = [
    "addresses",
    "authentication",
    "bodies",
    "contacts",
    "dialogs",
    "identities",
    "numbers",
    "options",
    "presence",
    "start_lines",
    "uris",
    "via",
]
