"""The capstone tab."""
