"""Is what a sentence states backed by the evidence it cites? Facts must stand there; the rest is
weighed."""
