"""From a finding to rows, or a preprocessing, in which the item no longer tells the label."""
