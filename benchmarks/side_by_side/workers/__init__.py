"""What each contestant does: a module each, run in a process of its own by `serving`.

A module has ``VERSIONS``, of what it computes with, and ``tasks(setting)``, which returns functions
by name. A task does its work once and returns what a unit of it took: seconds, or bytes.
"""
