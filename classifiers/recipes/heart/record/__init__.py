"""What is on record of the heart model, for the page, the card and its pictures."""
