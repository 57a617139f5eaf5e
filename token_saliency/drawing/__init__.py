"""How numbers, words and charts look, and how hostile strings are made safe."""
