"""The bundles hold the modules as they are: the same tokens, each once, every export in reach."""

import re
from pathlib import Path

import pytest

from classifiers.ui.static import CLASSIC_SCRIPTS, address, later, served_files, taken
from classifiers.ui.static.bundles import BUNDLES, bundled, joined_sheets
from classifiers.ui.static.strip import strip_script, strip_sheet, tokens

FILES = {name: body.decode() for name, body in served_files().items()}
MODULES = {
    name: text
    for name, text in FILES.items()
    if name.endswith(".js") and not name.startswith("bundles/") and name not in CLASSIC_SCRIPTS
}
MADE = bundled(MODULES)
BLANK = ("space", "line", "comment")


def meant(text: str) -> list[tuple[str, str]]:
    return [token for token in tokens(text) if token[0] not in BLANK]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_stripping_leaves_every_token_of_a_module_and_where_lines_end(name):
    read = tokens(MODULES[name])
    assert "".join(text for _, text in read) == MODULES[name]
    bare = strip_script(read)
    assert meant(bare) == meant(MODULES[name])
    lines = [line for line in bare.split("\n") if line]
    assert len(lines) <= len([line for line in MODULES[name].split("\n") if line.strip()])
    assert not any(kind == "comment" for kind, _ in tokens(bare))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("a = 'x // y'; // z", "a = 'x // y';"),
        ('a = "/* x */"; /* y */', 'a = "/* x */";'),
        ("a = `  // x ${b ? `/* ${c} */` : '//'}\n   y`;", None),
        ("a = b / c; d = e / f; // g", "a = b / c; d = e / f;"),
        ("a = b.replace(/\\/\\/ '[/*\"]/g, c); // d", "a = b.replace(/\\/\\/ '[/*\"]/g, c);"),
        ("if (a) /'/.test(b); // c", "if (a) /'/.test(b);"),
        ("a = (b) / c; d = '/';", None),
        ("return /`/.test(a);", None),
        ("a.return / 2; // '", "a.return / 2;"),
        ("a = b++ / 2; // '", "a = b++ / 2;"),
        ("a /* b\n c */ d", "a\nd"),
        ("a\n\n    // b\n  c", "a\nc"),
        ("`${a.map((b) => { return b; })} // c`", None),
        ("it = 'can\\'t // say'", None),
        ("  a\n  /* b */ c /* d */\n", "a\nc"),
        ("a // b\n+ c", "a\n+ c"),
        ("`${/'/.test(a)}`; // b", "`${/'/.test(a)}`;"),
        ("a/* b */c;// d", "a c;"),
    ],
)
def test_strings_templates_and_regexes_are_left_alone(text, bare):
    assert strip_script(tokens(text)) == (text if bare is None else bare) + "\n"


VALUES_FOLLOW = [
    "return", "typeof", "instanceof", "in", "of", "new", "delete", "void", "throw", "case", "do",
    "else", "await", "yield", "if(a)", "while(a)", "for(a)", "with(a)", "{", "(", "[", ",", ";",
    "=", "+", "!", "?", ":", "&&", "=>", "...",
]  # fmt: skip
VALUES_END = [
    "a", "a.of", "a.return", "f(a)", "(if_)", "a[0]", "'b'", "/b/", "3", "`b`", "`${b}`", "a++",
    "a--", "ifs(a)",
]  # fmt: skip


@pytest.mark.parametrize("word", VALUES_FOLLOW)
def test_where_a_slash_begins_a_regex(word):
    end = {"{": "}", "(": ")", "[": "]"}.get(word, "")
    assert ("regex", "/'/g") in tokens(f"{word} /'/g.test(b){end}")


@pytest.mark.parametrize("word", VALUES_END)
def test_where_a_slash_divides(word):
    read = tokens(f"x = {word} /b/ c // '")
    assert [text for _, text in read[-7:]] == ["/", "b", "/", " ", "c", " ", "// '"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 'b", "cannot be read at \"'b\""), ("a = `b", "a template is never closed"),
        ("if (b", "'if' is never closed"), ("a)", "')' was never opened"),
        ("a = /b", "cannot be read at '/b'"), ("a = [[1]", "'[' is never closed"),
        ("const first = 1; a = {} /b/ c; const last = 2", "cannot tell what the slash means in "
         "'t first = 1; a = {} /b/ c; const last = '"),
        ("const first = 1; a = '" + 60 * "b", "cannot be read at \"'" + 39 * "b" + '"'),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text, told):
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        tokens(text)


def test_sheets_lose_comments_and_indentation_alone():
    assert strip_sheet("/* a */\n.b {\n  c: '/* d */';\n\n  e: url(f); /* g\n h */\n}\n") == (
        ".b {\nc: '/* d */';\ne: url(f);\n}\n"
    )
    odd = """a::before { content: "/* \\" '*/"; } /* '" */ b { c: 'd\\'/* e */' }"""
    assert strip_sheet(f"  {odd}  /* f") == odd.replace("/* '\" */", "") + "  /* f\n"
    assert joined_sheets([".a {}\n", ".b {}"]) == ".a {}\n.b {}\n"


def test_every_module_is_in_one_bundle_after_all_that_it_imports():
    seen: list[str] = []
    for bundle, (text, names) in MADE.items():
        assert FILES[f"bundles/{bundle}.js"] == text
        places = [text.index(f"modules[{name!r}] = (() => {{".replace("'", '"')) for name in names]
        assert places == sorted(places)
        for name, place in zip(names, places, strict=True):
            body = text[place : text.index("\n})();\n", place)]
            wanted = re.findall(r'^const \{.*\} = modules\["(.*)"\];$', body, re.MULTILINE)
            assert set(wanted) <= {*seen}
            seen.append(name)
    assert sorted(seen) == sorted(MODULES)


def test_the_first_bundle_holds_nothing_of_tabs_that_are_closed():
    assert not [name for name in MADE["page"][1] if name.startswith(("heart/", "capstone/"))]
    assert "import" not in [token for _, token in tokens(MADE["page"][0])]
    assert later() == [address(f"bundles/{name}.js") for name in BUNDLES if name != "page"]


def test_what_python_asks_for_leads_to_the_bundle():
    told = taken("heart/decision.js")
    assert address("bundles/heart.js") in told
    assert 'modules["heart/decision.js"]' in told
    with pytest.raises(KeyError):
        taken("heart/nothing.js")


SMALL = {"film/a.js": "import { b } from './b.js';\nexport const a = b;\n",
         "film/b.js": "export const b = 1;\n"}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"film/b.js": "import { a } from './a.js';\nexport const b = a;\n"},
            "circle: film/a.js → film/b.js → film/a.js",
        ),
        (
            {
                "film/b.js": "import { c } from './c.js';\nexport const b = c;\n",
                "film/c.js": "import { b } from './b.js';\nexport const c = b;\n",
            },
            "circle: film/b.js → film/c.js → film/b.js",
        ),
        ({"film/b.js": "const b = 1;\n"}, "imports 'b', which film/b.js does not export"),
        ({"film/a.js": "import { c } from './c.js';\n"}, "imports film/c.js, which is not there"),
        ({"film/b.js": "export let b = 1;\n"}, "film/b.js: only"),
        ({"film/b.js": "const b = 1;\nexport { b };\n"}, "film/b.js: only"),
        ({"film/b.js": "export default 1;\n"}, "film/b.js: only"),
        ({"film/a.js": "import * as b from './b.js';\n"}, "film/a.js: only"),
        ({"film/a.js": "import { b as c } from './b.js';\n"}, "film/a.js: only"),
        ({"film/a.js": "const b = await import('./b.js');\n"}, "film/a.js: only"),
        ({"film/a.js": "console.log(import.meta.url);\n"}, "film/a.js: only"),
        ({"film/b.js": "export const b = 'c;\n"}, "film/b.js: cannot be read"),
    ],
)
def test_what_would_not_work_is_refused_in_a_sentence(changed, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        bundled(SMALL | changed)


def test_a_bundle_is_its_modules_without_comments_after_those_that_it_takes_from():
    made = bundled(
        {
            "heart/b.js": "// Ours.\nimport {\n  c,\n  d,\n} from '../film/c.js';\n"
            "import { e } from './e.js';\n\nexport function f() {\n  return c + d + e; // all\n}\n",
            "film/c.js": "/* Two. */\nexport const c = 1;\nexport const d = 2;\n",
            "heart/e.js": "export async function e() {}\nexport class E {}\n",
        }
    )
    assert made["page"] == ("export const modules = {  };\n", [])
    assert made["more"] == (
        'export const modules = {  };\nmodules["film/c.js"] = (() => {\n'
        "const c = 1;\nconst d = 2;\nreturn { c, d };\n})();\n",
        ["film/c.js"],
    )
    assert made["heart"] == (
        "import { modules as more } from './more.js';\nexport const modules = { ...more };\n"
        'modules["heart/e.js"] = (() => {\nasync function e() {}\nclass E {}\n'
        "return { e, E };\n})();\n"
        'modules["heart/b.js"] = (() => {\nconst {\nc,\nd,\n} = modules["film/c.js"];\n'
        'const { e } = modules["heart/e.js"];\nfunction f() {\nreturn c + d + e;\n}\n'
        "return { f };\n})();\n",
        ["heart/e.js", "heart/b.js"],
    )


def test_words_in_strings_and_comments_are_no_imports():
    text = "// import and export\nexport const b = 'import { a } from';\n"
    assert bundled(SMALL | {"film/b.js": text})["more"][1] == ["film/b.js", "film/a.js"]


def test_no_module_waits_at_its_top():
    """A module is a function's scope in its bundle, where `await` could not stand."""
    for name, text in MODULES.items():
        for line in text.splitlines():
            assert not re.match(r"(const .*= |)await ", line), name


def test_python_names_no_single_module_on_the_page():
    folder = Path(__file__).resolve().parents[3] / "classifiers" / "ui"
    for path in folder.rglob("*.py"):
        assert not re.search(r"ui\.static import .*\baddress\b", path.read_text()), path
