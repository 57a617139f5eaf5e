"""Audits as TOML files: read, checked, chosen."""
