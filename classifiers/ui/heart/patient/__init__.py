"""One patient: the form, the risk with its doubts, links and summaries."""
