"""Whether a patient is called diseased: the threshold is reached, or too little is known to say."""

LEAST_KNOWN = 0.41  # share of the logit's variance below which there is no decision


def decide(risk: float, threshold: float, known: float) -> bool | None:
    """None where less than `LEAST_KNOWN` of the log-odds' variance is known; NaN is less."""
    return risk >= threshold if known >= LEAST_KNOWN else None
