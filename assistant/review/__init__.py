"""Advice on what an operator is about to send: where, why, and what would be better; no model."""
