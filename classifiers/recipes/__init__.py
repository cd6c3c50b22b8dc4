"""Named experiments: what the lesson does, and what the app measures of it."""
