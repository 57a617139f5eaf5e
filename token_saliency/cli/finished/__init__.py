"""Commands on a finished run."""
