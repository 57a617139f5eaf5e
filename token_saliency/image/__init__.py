"""The companion for pixels: image classifiers, their attributions, and audits of regions."""
