"""The editions of the book's helper library: their names, signatures and printed lines.

Everything that computes is in the rooms around; an edition only says it in its own words.
"""
