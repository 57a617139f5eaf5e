"""Pictures as arrays: regions, fills, overlays."""
