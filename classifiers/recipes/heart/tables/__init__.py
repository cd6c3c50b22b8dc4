"""Tables of patients: read, predicted, written, and judged where they say who has the disease."""
