"""A language model writes an answer from numbered passages; what it wrote is checked sentence by
sentence before anybody reads it."""
