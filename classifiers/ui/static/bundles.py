"""Bundles: the page's modules in a few files, one for what every page shows, the rest by tab.

Each module is a function's scope that gives what the module exports, so that no names meet. A
bundle exports `modules`, everything in it by path; a later one begins with those of the bundles
that it takes from. So each module runs once in a page, whichever bundles are there.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping

from classifiers.ui.static.strip import strip_script, strip_sheet, tokens

# A module is in the first bundle whose entries reach it. An entry that ends with / is a folder.
BUNDLES = {
    "page": ("playground/", "guide/", "charts/save.js"),
    "more": ("film/", "page/code/", "charts/"),
    "heart": ("heart/",),
    "capstone": ("capstone/",),
}
_IMPORT = re.compile(
    r"^import \{(\s*[\w$]+(?:,\s*[\w$]+)*,?\s*)\} from '(\.[^']+)';\n", re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:(?:async )?function|class|const) ([\w$]+))", re.MULTILINE)


def bundled(modules: Mapping[str, str]) -> dict[str, tuple[str, list[str]]]:
    """Each bundle's text and the paths of its modules, by the bundle's name.

    `modules`: text by path.

    Raises:
        ValueError: a module cannot be read, or imports what isn't there, or imports go in a circle.
    """
    bare = {}
    for path, text in modules.items():
        try:
            read = tokens(text)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        bare[path] = strip_script(read)
        _refuse_other_forms(path, [token for kind, token in read if kind == "name"], bare[path])
    wanted = {path: _imports(path, text) for path, text in bare.items()}
    exports = {path: _EXPORT.findall(text) for path, text in bare.items()}
    _refuse_missing(wanted, exports)
    home: dict[str, str] = {}
    made = {}
    for bundle, entries in BUNDLES.items():
        roots = [path for path in modules if path.startswith(entries)]
        own = [path for path in _in_order(roots, wanted) if path not in home]
        home |= dict.fromkeys(own, bundle)
        taken = {home[target] for path in own for target in wanted[path]} - {bundle}
        parts = [
            f"import {{ modules as {other} }} from './{other}.js';\n" for other in sorted(taken)
        ]
        parts.append(
            f"export const modules = {{ {', '.join(f'...{o}' for o in sorted(taken))} }};\n"
        )
        parts += [_scope(path, bare[path], exports[path]) for path in own]
        made[bundle] = "".join(parts), own
    return made


def joined_sheets(sheets: Iterable[str]) -> str:
    """Style sheets as one, in their order."""
    return "".join(map(strip_sheet, sheets))


def _imports(path: str, text: str) -> dict[str, list[str]]:
    """The names that a module takes, by the path of the module that it takes them from."""
    return {
        _target(path, target): re.findall(r"[\w$]+", names)
        for names, target in _IMPORT.findall(text)
    }


def _target(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))


def _refuse_other_forms(path: str, words: list[str], text: str) -> None:
    known = len(_IMPORT.findall(text)) + len(_EXPORT.findall(text))
    if words.count("import") + words.count("export") != known:
        raise ValueError(
            f"{path}: only `import {{ a, b }} from './file.js';` and `export` before a "
            "function, class or const are known here, each at the start of a line"
        )


def _refuse_missing(
    wanted: Mapping[str, Mapping[str, list[str]]], exports: Mapping[str, list[str]]
) -> None:
    for path, targets in wanted.items():
        for target, names in targets.items():
            if target not in exports:
                raise ValueError(f"{path} imports {target}, which is not there")
            for name in names:
                if name not in exports[target]:
                    raise ValueError(f"{path} imports {name!r}, which {target} does not export")


def _in_order(roots: Iterable[str], wanted: Mapping[str, Iterable[str]]) -> list[str]:
    """All that the roots reach, each after everything that it imports."""
    found: list[str] = []

    def visit(path: str, way: tuple[str, ...]) -> None:
        if path in way:
            circle = " → ".join((*way[way.index(path) :], path))
            raise ValueError(f"imports go in a circle: {circle}")
        if path not in found:
            for target in wanted[path]:
                visit(target, (*way, path))
            found.append(path)

    for root in roots:
        visit(root, ())
    return found


def _scope(path: str, text: str, exports: list[str]) -> str:
    def take(found: re.Match[str]) -> str:
        return f"const {{{found[1]}}} = modules[{json.dumps(_target(path, found[2]))}];\n"

    body = _EXPORT.sub("", _IMPORT.sub(take, text))
    given = ", ".join(exports)
    return f"modules[{json.dumps(path)}] = (() => {{\n{body}return {{ {given} }};\n}})();\n"
