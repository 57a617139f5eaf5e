"""A prompt put to a server (OpenAI-compatible) instead of a model in memory."""
