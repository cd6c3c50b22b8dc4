"""The lesson's claims about the heart data, measured."""
