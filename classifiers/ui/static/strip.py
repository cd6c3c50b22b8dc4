"""Takes comments and indentation out of JavaScript and CSS, and nothing else."""

import re
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+)
    |(?P<line>\n)
    |(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)
    |(?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |(?P<name>[\w$\#]+)
    |(?P<mark>\+\+|--|[^\s\w$'"])""",
    re.VERBOSE,
)
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")
_TEMPLATE = re.compile(r"(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)")
# After these words a slash begins a regular expression; after any other it divides.
_BEFORE_VALUES = frozenset(
    {"return", "typeof", "instanceof", "in", "of", "new", "delete", "void"}
    | {"throw", "case", "do", "else", "await", "yield"}
)
_WITH_HEAD = frozenset({"if", "while", "for", "with"})
_CSS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/\*[\s\S]*?\*/""")


class _Reader:
    """Walks through JavaScript. What a slash means depends on what stands before it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.before = ""  # the last token
        self.value_before = False  # so that a slash divides
        self.open: list[str] = []  # brackets, with the word before a parenthesis

    def tokens(self) -> Iterator[tuple[str, str]]:
        while self.at < len(self.text):
            kind, token = self._next()
            self.at += len(token)
            if kind not in ("space", "line", "comment"):
                self.value_before = self._is_value(kind, token)
                self.before = token
            yield kind, token
        if self.open:
            raise ValueError(f"{self.open[-1]!r} is never closed")

    def _next(self) -> tuple[str, str]:
        text, at = self.text, self.at
        if text[at] == "`" or (text[at] == "}" and self.open and self.open[-1] == "${"):
            return "template", self._template()
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"cannot be read at {text[at : at + 40]!r}")
        kind, token = str(found.lastgroup), found[0]
        if token == "/" and self.before == "}":
            raise ValueError(f"cannot tell what the slash means in {text[at - 20 : at + 20]!r}")
        if token == "/" and not self.value_before:
            regex = _REGEX.match(text, at)
            if regex is None:
                raise ValueError(f"cannot be read at {text[at : at + 40]!r}")
            return "regex", regex[0]
        return kind, token

    def _template(self) -> str:
        """From a backtick, or from where a value inside has ended, to the next of these."""
        found = _TEMPLATE.match(self.text, self.at + 1)
        if found is None:
            raise ValueError("a template is never closed")
        if self.text[self.at] == "}":
            self.open.pop()
        if found[0].endswith("${"):
            self.open.append("${")
        return self.text[self.at : found.end()]

    def _is_value(self, kind: str, token: str) -> bool:
        if kind == "template":
            return token.endswith("`")
        if kind == "name":
            return token not in _BEFORE_VALUES or self.before == "."
        if token in ("(", "[", "{"):
            self.open.append(self.before if token == "(" else token)
        elif token in (")", "]", "}"):
            if not self.open:
                raise ValueError(f"{token!r} was never opened")
            return self.open.pop() not in _WITH_HEAD
        return kind in ("string", "regex") or token in ("++", "--")


def tokens(text: str) -> list[tuple[str, str]]:
    """What JavaScript is made of, as (kind, text); together they are the whole text.

    Kinds: space, line, comment, string, template, regex, name, mark.

    Raises:
        ValueError: it cannot be read.
    """
    return list(_Reader(text).tokens())


def strip_script(read: Iterable[tuple[str, str]]) -> str:
    """JavaScript, as its tokens, without comments, indentation and empty lines.

    Every line end that separates tokens stays one, since it may end a statement.
    """
    parts: list[str] = []
    for kind, token in read:
        if kind == "line" or (kind == "comment" and "\n" in token):
            if parts and parts[-1] == " ":
                parts.pop()
            if parts and parts[-1] != "\n":
                parts.append("\n")
        elif kind in ("space", "comment"):
            if parts and parts[-1] not in (" ", "\n") and not token.startswith("//"):
                parts.append(" ")
        else:
            parts.append(token)
    return "".join(parts).strip() + "\n"


def strip_sheet(text: str) -> str:
    """CSS without comments, indentation and empty lines."""
    bare = _CSS.sub(lambda found: "" if found[0].startswith("/*") else found[0], text)
    return "".join(f"{line.strip()}\n" for line in bare.splitlines() if line.strip())
