"""Claims that look for what nobody declared: sub-groups of what an audit finds, and items that stand out."""
