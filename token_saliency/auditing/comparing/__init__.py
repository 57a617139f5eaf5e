"""Two finished runs: what has grown, and is the growth more than chance?"""
