"""The ``sipgen`` command: a module for each of its commands."""
