"""Measures the hints for operators on labelled dialogs."""
