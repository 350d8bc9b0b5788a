"""Tests of sipgen; the folders mirror the package."""
