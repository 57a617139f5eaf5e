"""A long command from its options to its folder: plan, progress, interruption, resume."""
