"""From the answers of the model to effects, intervals and verdicts. No model is met in here."""
