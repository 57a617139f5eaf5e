"""`demo`: the whole tool in a minute, offline, on a model whose shortcuts are known."""
