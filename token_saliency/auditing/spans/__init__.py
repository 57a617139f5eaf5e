"""Which characters of a text belong to an audit: one file a kind of span, and their registry."""
