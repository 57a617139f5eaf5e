"""A page to try things on: change a word of a text and see what the model says, beside the control of an audit."""
