"""Rows from anywhere: files, folders of `datasets`, the hub, pandas, lists -> Examples. Nothing here knows a model."""

from token_saliency.data.label_map import parse_label_map
from token_saliency.data.rows import Rows, load_rows

__all__ = ["Rows", "load_rows", "parse_label_map"]
