"""Knows the copies of the heart data that circulate, and recognises them by what they hold.

Given a matrix of values it says: which coding the columns use, whether labels rise or fall with
the signs of disease, and which of UCI's patients these are. It judges nothing: the audit does.
"""

import hashlib
import math
from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np

from classifiers.data.heart.schema import FEATURE_NAMES, feature

Recoding = Literal["kaggle", "from-zero", "other"]

# Patients of UCI's Cleveland file, and those of them with num = 1: the mildest disease, and the
# only patients whom the lesson's labels (num >= 2) and the honest ones (num >= 1) tell apart.
_CLEVELAND_ROWS = 303
_MILD_ROWS = 55

# SHA-256 prefixes (8 digits each) of what was measured on those 55, for three sets of columns, so
# that a file that lost any one column is still recognised. No copy changes these columns, and no
# patient of the other three sites matches any of the 165.
_MILD_PATIENTS: dict[tuple[str, ...], str] = {
    ("age", "trestbps", "chol"): """
        0084c39802de6c9f0bb6ebfa1014dc1d112143e21515e8fb15af3ad417679bfc1e68cbf124d52ce427cf61c9
        29465f813027fb733582875a3a17bb2844c7069a4713157b4840ed694c5ad3925242d96252c3857357284b04
        5c833e696f5fe5ca72750e5873c3cd517e6e7de18505372e85a2197a8edda60f9ac216299c27f992a6398d45
        ab921716ae3d602fbc9abad1c0969623c19c2372c757203ec9b9f9ced3914506d3b9b554d86a89f2dca8c7db
        dfc04068e0f18c92e5bf80b7e6f280ddf43a227bf5e062bcf95e3881fcd8e91cfe1735c8ff06e2a1fff1cf27
    """,
    ("chol", "thalach", "oldpeak"): """
        096ac6bc0a1921cd146eca282681f1382882963a28844edb29eb9ca832b454ef3acf91b73be6dc093bfb542b
        3cd8cb5e49aa1c0a4a046e3c4af3c51b4fcc35d551a8f1b95bef377f5e190fee5fc31b1e61fa24ce6d639b83
        6fc6f3b17d6eaf9883a6567185b61df48870f1478adb680691ddd4ac9541795297c0c1ef9ae020f9a62629f2
        a6f0f034a96a33f2bc247c39be823d26c4cf6fa9c7260aa1cad11b29cb945a2fcc6fef8dcce293cccd6bc125
        d1ad0eb7d72d6cc0d80075b1da3126f0dada24b6dba07b57dd81845de0aea213e9f27a0af2b33d6df8de9b30
    """,
    ("age", "trestbps", "thalach", "oldpeak"): """
        02d4661605fe60840a9c4e680fe8507216320e221779ab9c1e2a79d823a3935b249bc45b2889f8aa2d8759e8
        34090fab3439f25d36fbf5bb3788c37e3c9103ca3d30785849eae0b554c7c5f0581748e25ed9f8bd5ef5e6d6
        615fe1a56420ea83654ee413695a10a56c1d216170960f1575773d0d94320f349ca40f069de7ebf49f6cc604
        a739af66b22c0137b48a96e7b5c4856ac2b3e1f2c6069c5fd22632feddbe4e87e09d5533e6c47124e80dc689
        ea7ea583eb22e24eec4ce55fece043f8efd3c6a0f2492809f27802d2f52e365bfa8b4b27fe078eb0fed2fce0
    """,
}

# The other three sites: SHA-256 prefixes of each column's sorted values (zeros that mean missing
# left out), and how many of the site's patients have the disease.
_SITE_COLUMNS = ("age", "trestbps", "thalach", "oldpeak")
_SITES: dict[str, tuple[str, int]] = {
    "uci-hungarian": ("55e7e8654cf43f76c62223b18ab21a74", 106),
    "uci-switzerland": ("833496896a60ad4caff882125fb619c4", 115),
    "uci-va": ("3f4543fb7df47598c73163c5eb76aa8c", 149),
}

# And of each of them, prefixes of 24 of its patients, whom no other site has.
_SITE_PATIENTS: dict[str, str] = {
    "uci-hungarian": """
        40d1a98afb4395b1e9ea66a234389645adc2ac042332205625717bbacf2bb0f5e19d51e8dfa1195e8b519dbe
        2f536ddd504f8fcb569d2e6acebc08f3ec30f39338fa465bb3adb42d51977e7d3d248ee34677849444edf955
        be7b5d97f1374b53
    """,
    "uci-switzerland": """
        281b972d250833040f16fbba5703543a7b369558ff37bda98f94a2aa41a614a1e2bb4c29f90419ae449cab76
        8d8f931e6f5f3db20b8d387ce272142b219e20c3d78e54da61a561599baa9f8580e344b28349296e011b3779
        6310b6972a28b6fd
    """,
    "uci-va": """
        5581ae2b892697d691677cf3eb60c5a025524b44dac716044ef974ea0d7348d6e8bf55b314d659679bdf7632
        7dd47764408eaeab906f925f1a74340720f41b489bcdf0f87542325b1bd285f1bb212f45f9d4ac7ab4274cc3
        3999389c6828e667
    """,
}

# Kaggle's code -> UCI's, measured by joining the two.
_KAGGLE_TO_UCI: dict[str, dict[int, float]] = {
    "cp": {0: 4, 1: 2, 2: 3, 3: 1},
    "restecg": {0: 2, 1: 0, 2: 1},
    "slope": {0: 3, 1: 2, 2: 1},
    "ca": {0: 0, 1: 1, 2: 2, 3: 3, 4: math.nan},
    "thal": {0: math.nan, 1: 6, 2: 3, 3: 7},
}
# The most copied "cleveland upload", 297 rows: three fields counted from 0, `restecg` as UCI's.
_FROM_ZERO_TO_UCI: dict[str, dict[int, float]] = {
    "cp": {0: 1, 1: 2, 2: 3, 3: 4},
    "slope": {0: 1, 1: 2, 2: 3},
    "thal": {0: 3, 1: 6, 2: 7},
}
_TO_UCI = {"kaggle": _KAGGLE_TO_UCI, "from-zero": _FROM_ZERO_TO_UCI}
# Codes that UCI's files do not have, and those copies do: (field, code) -> what it means there.
_ELSEWHERE = {"kaggle": "Kaggle's copy", "from-zero": "the copy counted from 0"}

# Zeros that no patient can have: UCI's sites wrote them for "not measured".
ZERO_IS_MISSING = ("trestbps", "chol")


def column(x: np.ndarray, name: str) -> np.ndarray:
    """One feature's values, shape (N,), of a matrix of shape (N, 13)."""
    return x[:, FEATURE_NAMES.index(name)]


def _share(x: np.ndarray, name: str) -> Callable[..., float]:
    known = column(x, name)[~np.isnan(column(x, name))]
    # Four patients have no distribution to speak of.
    return lambda *codes: float(np.isin(known, codes).mean()) if len(known) >= 5 else 0.0


def find_recoding(x: np.ndarray) -> Recoding | None:
    """Which coding the categories use: None is UCI's, "other" is none that is known.

    Two recoded copies are known: Kaggle's, and one that counts UCI's codes from 0 and leaves
    `restecg` alone. A stray code or two is dirt and no recoding.

    Args:
        x: (N, 13) as written, NaN = missing.
    """
    cp, slope, thal = _share(x, "cp"), _share(x, "slope"), _share(x, "thal")
    recoded = {
        "cp": cp(0) >= 0.05 and cp(4) < 0.01,
        "slope": slope(0) >= 0.02 and slope(3) < 0.01,
        "thal": thal(1, 2) >= 0.05 and thal(6, 7) < 0.01,
    }
    if not any(recoded.values()):
        return None
    # Half of a recoding is another coding: decoding it all would spoil the other half.
    if cp(4) >= 0.05 or slope(3) >= 0.02 or thal(6, 7) >= 0.05:
        return "other"
    if _is_counted_from_zero(x, recoded):
        return "from-zero"
    # Kaggle's `restecg` 2 is UCI's 1, which 4 patients in 303 have; UCI's 2 is every second one's.
    if _share(x, "restecg")(2) >= 0.25:
        return "other"
    votes = []
    if recoded["cp"]:  # asymptomatic, UCI's 4, is the most common type and typical angina, 1, rare
        votes.append(cp(0) >= cp(3))
    if recoded["slope"]:  # downsloping, UCI's 3, is rare
        votes.append(slope(2) >= slope(0))
    if recoded["thal"]:  # normal, UCI's 3, is more common than a fixed defect, 6
        votes.append(thal(0) < 0.1 and thal(2) > thal(1))
    return "kaggle" if sum(votes) > len(votes) / 2 else "other"


def _is_counted_from_zero(x: np.ndarray, recoded: dict[str, bool]) -> bool:
    """Whether UCI's codes less one explain every one of the three fields that is there.

    UCI's 4 and 7 are common and 1 and 6 rare, so the highest code is to outweigh the lowest.
    """
    cp, slope, thal = _share(x, "cp"), _share(x, "slope"), _share(x, "thal")
    fits = {
        "cp": cp(3) > cp(0),
        "slope": slope(0) > slope(2),
        "thal": thal(0) > thal(1) and thal(2) >= thal(1) and thal(3) < 0.01,
    }
    there = [name for name in fits if not np.isnan(column(x, name)).all()]
    return sum(recoded.values()) >= 2 and all(recoded[n] and fits[n] for n in there)


def decode_copy(x: np.ndarray, copy: str) -> np.ndarray:
    """A copy of (N, 13) in UCI's coding; codes for missing and unlisted codes become NaN."""
    decoded = x.copy()
    for name, codes in _TO_UCI[copy].items():
        source, target = column(x, name), column(decoded, name)
        target[:] = np.nan  # a code that the copy does not use has no meaning to decode
        for code, uci in codes.items():
            target[source == code] = uci
    return decoded


def codes_of_other_copies(x: np.ndarray) -> dict[str, dict[float, tuple[str, ...]]]:
    """Field -> each code in (N, 13) that UCI's files do not have -> the copies that have it."""
    found: dict[str, dict[float, tuple[str, ...]]] = {}
    for name in ("cp", "slope", "ca", "thal"):
        listed = {code.value for code in feature(name).codes}
        for value in np.unique(column(x, name)[~np.isnan(column(x, name))]).tolist():
            copies = tuple(
                told for copy, told in _ELSEWHERE.items() if value in _TO_UCI[copy].get(name, {})
            )
            if copies and value not in listed:
                found.setdefault(name, {})[value] = copies
    return found


def measure_polarity(x: np.ndarray, y: np.ndarray) -> float:
    """How labels go with the signs of disease, as a z score: below -2.6 they mean "healthy".

    The z score is the rank-sum test's, of y against the sum of standardised signs whose direction
    is known (angina and ST depression in exercise, low maximum heart rate, ...). 0 where there is
    nothing to compare.

    Args:
        x: (N, 13), NaN = missing; codes that are not UCI's add nothing.
        y: (N,) 0 / 1, NaN = not labelled.
    """
    score = np.zeros(len(x))
    for sign in signs_of_disease(x).values():
        known = ~np.isnan(sign)
        score[known] += (sign[known] - sign[known].mean()) / sign[known].std()
    return _rank_sum(score, y)


def polarity_of_signs(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """As `measure_polarity`, of each sign by itself: what is compared, and which way it goes."""
    polarities = {}
    for name, sign in signs_of_disease(x).items():
        known = ~np.isnan(sign)
        polarities[name] = _rank_sum(sign[known], y[known])
    return polarities


def signs_of_disease(x: np.ndarray) -> dict[str, np.ndarray]:
    """What rises with disease, by name; signs that do not vary in (N, 13) are left out."""
    cp, thal = column(x, "cp"), column(x, "thal")
    signs = {
        "exang": column(x, "exang"),
        "oldpeak": column(x, "oldpeak"),
        "low thalach": -column(x, "thalach"),
        "ca": column(x, "ca"),
        "cp 4": np.where(np.isnan(cp), np.nan, cp == 4),
        "thal 6 or 7": np.where(np.isnan(thal), np.nan, thal > 3),
    }
    return {
        name: sign
        for name, sign in signs.items()
        if not np.isnan(sign).all() and np.nanstd(sign) > 0
    }


def _rank_sum(score: np.ndarray, y: np.ndarray) -> float:
    labelled = ~np.isnan(y)
    score, positive = score[labelled], y[labelled] == 1
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if n1 == 0 or n0 == 0:
        return 0.0
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    area = (ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
    return float((area - 0.5) / math.sqrt((n1 + n0 + 1) / (12 * n1 * n0)))


def _digest(values: Iterable[float]) -> str:
    return hashlib.sha256("|".join(f"{value:g}" for value in values).encode()).hexdigest()[:8]


def _eights(digits: str) -> list[str]:
    return [digits[start : start + 8] for start in range(0, len(digits), 8)]


def find_mild_patients(x: np.ndarray) -> np.ndarray:
    """Which rows are Cleveland patients with num = 1: (N,) bool, all False if it cannot be told.

    Args:
        x: (N, 13); only age, trestbps, chol, thalach and oldpeak are looked at.
    """
    found, usable = np.ones(len(x), dtype=bool), False
    for names, digests in _MILD_PATIENTS.items():
        values = x[:, [FEATURE_NAMES.index(name) for name in names]]
        if np.isnan(values).all(axis=0).any():
            continue
        usable = True
        known = set(_eights("".join(digests.split())))
        found &= [_digest(row) in known for row in values]
    return found & usable


def is_cleveland_only(patients: int, mild: int) -> bool:
    """Whether so many distinct patients, `mild` of them of Cleveland's 55, can be a sample of it.

    A sample without replacement, allowing for four standard deviations and a few edited rows.
    """
    share = _MILD_ROWS / _CLEVELAND_ROWS
    left = max(_CLEVELAND_ROWS - patients, 0) / _CLEVELAND_ROWS
    return (
        mild >= 3
        and mild >= patients * share - 4 * math.sqrt(patients * share * (1 - share) * left) - 2
    )


def find_site(x: np.ndarray) -> tuple[str, int] | None:
    """The site other than Cleveland that these patients are all of, and its count of disease."""
    digests = []
    for name in _SITE_COLUMNS:
        values = column(x, name)
        digests.append(_digest(sorted(values[~np.isnan(values)].tolist())))
    for site, (known, positives) in _SITES.items():
        matches = sum(a == b for a, b in zip(digests, _eights(known), strict=True))
        if matches >= 2:  # one column may have been dropped, another edited
            return site, positives
    return None


def find_sites(x: np.ndarray) -> dict[str, float]:
    """Site other than Cleveland -> share of its sampled patients who are among the rows.

    Args:
        x: (N, 13); only age, trestbps, thalach and oldpeak are looked at.
    """
    values = x[:, [FEATURE_NAMES.index(name) for name in _SITE_COLUMNS]]
    seen = {_digest(row) for row in values[~np.isnan(values).any(axis=1)]}
    shares = {}
    for site, digits in _SITE_PATIENTS.items():
        sample = _eights("".join(digits.split()))
        if found := sum(one in seen for one in sample):
            shares[site] = found / len(sample)
    return shares
