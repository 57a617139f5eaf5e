"""What is put in the place of a span, and the control edits beside it: pure functions on strings."""
