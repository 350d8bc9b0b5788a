"""Independent constructions that the generator is held against."""
