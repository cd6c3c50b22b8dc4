"""The words that programs write for a missing value, and for the type of a column, in one place.

Sources: UCI's heart files (`?`, -9 and -9.0); R's write.table and write.csv (NA); pandas' to_csv
and the words that its read_csv takes for missing (nan, null, None, <NA>, n/a, #N/A, -nan, 1.#IND);
SAS and Stata (a lone dot); Excel's errors (#N/A, #NULL!); Weka and Orange (`?`, `~`, `.`);
hand-made sheets (-, --, unknown, missing, not available, not known, nd, nil).
"""

MISSING_WORDS = frozenset(
    {
        *("", "?", "-9", "-9.0", "-9.00", ".", "..", "-", "--", "---", "–", "—", "~", "*"),
        *("na", "n/a", "n.a.", "n.a", "<na>", "#n/a", "#na", "#n/a n/a", "#null!", "na()"),
        *("nan", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
        *("null", "none", "nil", "nd", "n/d", "unk", "unknown", "not known", "missing"),
        *("not available", "not recorded", "not measured", "\\n"),
    }
)

# The second row of Orange's three, and what data dictionaries and statistics programs call a type.
TYPE_WORDS = frozenset(
    {
        *("c", "continuous", "d", "discrete", "s", "string", "t", "time", "text", "b", "basket"),
        *(
            "numeric",
            "nominal",
            "real",
            "integer",
            "int",
            "float",
            "double",
            "number",
            "categorical",
        ),
        *("category", "char", "character", "varchar", "bool", "boolean", "logical", "factor"),
        *("int64", "float64", "object", "str", "date", "datetime", "<dbl>", "<int>", "<chr>"),
        *("<fct>", "<lgl>", "num", "chr", "binary", "ordinal"),
    }
)
# The third row of Orange's.
ROLE_WORDS = frozenset(
    {"", "class", "meta", "ignore", "i", "m", "c", "w", "weight", "multiclass", "input", "target"}
)
UNIT_WORDS = frozenset(
    {
        *("year", "years", "yrs", "y", "a", "mg/dl", "mmol/l", "mmol", "mg", "mm hg", "mmhg"),
        *("bpm", "beats/min", "1/min", "min-1", "mm", "mv", "kpa", "-", "code", "0/1", "n"),
    }
)


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a value that was not recorded."""
    return cell.strip().strip("'\"").strip().casefold() in MISSING_WORDS
