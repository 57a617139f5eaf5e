"""Audits of regions of pictures."""
