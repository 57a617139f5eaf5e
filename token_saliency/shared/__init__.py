"""What text, image and tabular classifiers have in common."""
