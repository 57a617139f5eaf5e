"""What `list methods` knows, read from the source: importing the registry would import torch, over a second."""

from __future__ import annotations

import ast
from pathlib import Path

import token_saliency

_METHODS = Path(token_saliency.__file__).parent / "methods"


def method_names() -> list[str]:
    """The names in METHODS."""
    return list(_registry())


def method_lines() -> dict[str, str]:
    """Each method with the first line of its docstring and the names of its options."""
    functions = _functions()
    return {name: _line(functions[function]) for name, function in _registry().items()}


def _registry() -> dict[str, str]:
    """The literal `METHODS = {"name": function}` as names."""
    for node in _tree(_METHODS / "__init__.py").body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "METHODS":
            return _pairs(node.value)
    raise LookupError("token_saliency.methods holds no METHODS")


def _pairs(literal: ast.expr | None) -> dict[str, str]:
    if not isinstance(literal, ast.Dict):
        raise LookupError("METHODS is no literal dict; this module can read no other")
    pairs = zip(literal.keys, literal.values, strict=True)
    return {ast.literal_eval(key): ast.unparse(function) for key, function in pairs if key is not None}


def _line(function: ast.FunctionDef) -> str:
    own = [option.arg for option in function.args.kwonlyargs]
    options = ", ".join("unit" if name == "groups" else name for name in own)  # the adapter makes groups of a unit
    return (ast.get_docstring(function) or "").partition("\n")[0] + (f" Options: {options}." if options else "")


def _functions() -> dict[str, ast.FunctionDef]:
    return {
        node.name: node
        for path in sorted(_METHODS.glob("*.py"))
        for node in _tree(path).body
        if isinstance(node, ast.FunctionDef)
    }


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
