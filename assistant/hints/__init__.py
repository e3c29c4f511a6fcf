"""What an operator might answer: up to three different replies, with where they come from."""
