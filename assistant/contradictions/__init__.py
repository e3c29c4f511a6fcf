"""Statements of different articles that speak of the same thing and say different things."""
