"""The HTML page: plain values for the templates, and the frame around them."""
