"""Measurements: of the package's speed beside others, and of the perplexities that the book published."""
