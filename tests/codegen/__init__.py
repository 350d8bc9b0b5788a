"""Tests of the generator: it is held against constructions that share no code with it."""
