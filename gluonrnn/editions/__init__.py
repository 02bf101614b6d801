"""The editions of the book's helper library: their names, signatures and printed lines.

An edition computes nothing; it calls the modules around it by its own names.
"""
