"""The network of an image classifier: loading it, its layers, one forward pass."""
