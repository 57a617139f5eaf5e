"""A prompt and a language model as a classifier: the file, its rendering to tokens, and logits out of hidden states."""
