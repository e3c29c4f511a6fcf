"""What a written sentence must not say, told without a model."""
