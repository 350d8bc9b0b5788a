"""The conformance rules: what ABNF cannot say. Declared by theme, asked by what is there."""
