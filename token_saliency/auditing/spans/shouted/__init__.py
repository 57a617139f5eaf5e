"""Words in capitals: which stand together, which words are ordinary, and when a phrase of them is shouted."""
