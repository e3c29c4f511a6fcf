"""Personal data in what customers write: found, replaced by placeholders, put back."""
