"""What a heart model answers: risks, what is doubtful about them, and what they are worth."""
