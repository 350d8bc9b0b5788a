"""Octets to message parts and back: names, lines, fields, framing, tokenizers, serialiser.

Two engines read a message. :mod:`~sipgen.wire.tokenizer` handles the ordinary message in
one pass and hands everything unusual to :mod:`~sipgen.wire.reference`, which is complete
and knows where each octet stands. On any octets both give the same result.
"""
