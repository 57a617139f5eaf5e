"""What the words of a row around a name say: who is named again, and what is no person."""
