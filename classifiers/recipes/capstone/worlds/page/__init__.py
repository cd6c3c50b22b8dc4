"""What the page is told of worlds: messages, and sentences computed from them."""
