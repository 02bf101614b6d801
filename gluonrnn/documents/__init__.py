"""Chapter documents of the book: their import lines."""
