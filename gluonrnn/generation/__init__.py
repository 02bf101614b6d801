"""Decoding: a model writes, character by character."""
