"""What an operator should know of a dialog before he answers."""
