"""One reader a file format: bytes in, a frame out."""
