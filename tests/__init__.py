"""Tests of sipgen; most rooms of the package have a folder."""
