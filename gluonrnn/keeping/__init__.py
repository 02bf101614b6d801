"""Keeping a run: its folder, its checkpoints, its text, and how it stops and goes on."""
