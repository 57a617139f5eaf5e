"""The network of a sequence classifier: loading it, its embedding, one forward pass, what was checked."""
