"""Does the attribution method deserve trust on this model: sanity checks and faithfulness, each with its caveat.

validation.py     runs the checks and writes the record
checks.py         the register of checks: what is expected, where it was proposed, what it cannot show
subject.py        the model, the rows and their scores, which every check shares
verdict.py        from an estimate to passed, failed or undecided
ranks.py          how alike two rankings of the same tokens are
faithfulness.py   perturbation, comprehensiveness, sufficiency
randomisation.py  parameters made random from the head down (layers.py: in which order)
labels.py         copies fine-tuned on true and on shuffled labels (tuning.py: how)
invariance.py     shifted inputs, other baselines
canary.py         a token that is made to decide
numerics.py       completeness, repetition

Nothing here changes the caller's model: what has to be changed is a copy, one at a time.
"""
