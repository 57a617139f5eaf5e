"""Estimates, tests, random draws: arrays in, plain numbers out."""
