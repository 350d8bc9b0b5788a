"""Typed values: what header fields and URIs hold, frozen, hashable, parsed and written.

A value is a named tuple or a built-in type; ``parse()`` reads it from text, ``str()`` writes
it so that ``parse()`` gives an equal value. Constructing one checks that what it would write
reads as the same value, so a value cannot smuggle a parameter, an address or a line.
"""
