"""A classifier that is a function of texts: it answers, and has no gradient."""
