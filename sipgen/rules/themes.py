"""All themes of rules; importing this declares every rule."""

from sipgen.rules import (
    contacts,
    contents,
    counts,
    dialogs,
    digest,
    extensions,
    hops,
    parties,
    request_lines,
    required,
    routes,
    uris,
)

__all__ = [
    "contacts",
    "contents",
    "counts",
    "dialogs",
    "digest",
    "extensions",
    "hops",
    "parties",
    "request_lines",
    "required",
    "routes",
    "uris",
]
