"""The heart model: trained, served, explained, judged."""
