"""The film and its player."""
