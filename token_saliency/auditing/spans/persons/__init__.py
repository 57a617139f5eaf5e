"""Spans that name persons: given names and identity terms, with what their context says of them."""
