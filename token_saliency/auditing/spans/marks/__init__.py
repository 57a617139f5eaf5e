"""Marks: where one may be taken away, as far as the words beside it tell."""
