"""What the page shows, whole, held against what was looked at and kept: tests/snapshots/.

The first look at a page is kept as it is, each later one as what changed on the page since. After
a change that is meant, `pytest tests/browser -k snapshots --update-snapshots` keeps what is shown
now; what it changed in the files is read before it is committed.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "snapshots"
# Every element in sight as a line: texts and what is told to screen readers stand in quotes, places
# and sizes without. Marks that look the same and follow each other are one line: their number, and
# the first, the last and the mean of their places.
SHOWN = """(selectors) => {
  const lines = [];
  const quoted = (text) => JSON.stringify(text.replace(/[ \\t\\n]+/g, ' ').trim());
  const placed = (value) => value.replace(/-?\\d*\\.?\\d+(e-?\\d+)?/g, (n) => Number(n).toFixed(1));
  const DROPPED = /^(id|for|name|class|d|points|transform|style|data-testid|tabindex|type|clip-path|data-words|data-draw-ms)$/;
  const own = (e) => [...e.childNodes].filter((n) => n.nodeType === 3 || n.localName === 'dfn')
    .map((n) => n.textContent).join('').trim(); // words are marked as explained some time later
  const kind = (e) => [e.localName, ...[...e.classList].filter((c) => !/svelte/.test(c))].join('.');
  const told = (e) => [...e.attributes].filter(({ name }) => !DROPPED.test(name))
    .filter(({ value }) => !(e.ownerSVGElement && /^-?[\\d.]+$/.test(value)))
    .map(({ name, value }) => ` ${name}=${quoted(value)}`).sort().join('');
  const sample = (numbers) => numbers.length <= 16 ? numbers.map((n) => n.toFixed(1)).join(',')
    : `${numbers.length}:${[...Array(12).keys()].map((i) =>
      numbers[Math.round(i * (numbers.length - 1) / 11)].toFixed(1)).join(',')}`;
  const numbers = (text) => (text.match(/-?\\d*\\.?\\d+(e-?\\d+)?/g) ?? []).map(Number);
  const places = (e) => [...e.attributes].filter(({ name, value }) => /^(d|points|transform)$/
    .test(name) || /^-?[\\d.]+$/.test(value) && !/^(data|aria|tabindex)/.test(name));
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const hex = (colour) => `#${channels(colour).map((n, i) => Math.round(i === 3 ? 255 * n : n)
    .toString(16).padStart(2, '0')).join('')}`;
  const tenths = (colour) => /^rgb/.test(colour)
    ? channels(colour).map((n) => (n / 10).toFixed(1)).join('/') : colour;
  const looks = (e) => {
    const { fill, stroke, strokeDasharray, opacity } = getComputedStyle(e);
    return ` ${tenths(fill)}|${tenths(stroke)}${strokeDasharray === 'none' ? '' : `|${strokeDasharray}`}`
      + (opacity === '1' ? '' : ` opacity=${Number(opacity).toFixed(1)}`);
  };
  const marks = (row) => {
    const all = row.map((e) => places(e).map(({ name, value }) => [name, numbers(value)]));
    const shown = (one) => one.map(([name, n]) => `${name}=${sample(n)}`).join(' ');
    if (row.length === 1) return ` ${shown(all[0])}`;
    const mean = {};
    for (const one of all) for (const [name, n] of one) {
      (mean[name] ??= []).push(n.reduce((a, b) => a + b, 0) / (n.length || 1));
    }
    const means = Object.entries(mean).map(([name, n]) =>
      `${name}=${(n.reduce((a, b) => a + b, 0) / n.length).toFixed(1)}`).join(' ');
    return ` x${row.length} first ${shown(all[0])} last ${shown(all.at(-1))} mean ${means}`;
  };
  const canvas = (e) => {
    const small = Object.assign(document.createElement('canvas'), { width: 6, height: 6 });
    const context = small.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 6, 6);
    if (e.width && e.height) context.drawImage(e, 0, 0, 6, 6);
    return [...context.getImageData(0, 0, 6, 6).data].filter((_, i) => i % 4 < 3)
      .map((n) => (n / 10).toFixed(1)).join(',');
  };
  const walk = (e) => {
    if (!e.checkVisibility({ visibilityProperty: true })) return;
    if (/^(script|style|option|title|desc)$/.test(e.localName)) return;
    const text = own(e);
    if (e.localName === 'canvas') lines.push(`${kind(e)}${told(e)} ${canvas(e)}`);
    else if (/^(input|select|textarea)$/.test(e.localName)) {
      const state = /^(radio|checkbox)$/.test(e.type) ? (e.checked ? ' checked' : ' unchecked')
        : ` = ${quoted(e.localName === 'select' ? e.selectedOptions[0]?.text ?? '' : e.value)}`;
      lines.push(`${kind(e)}${told(e)}${state}${e.disabled ? ' disabled' : ''}`);
    } else {
      const style = e.getAttribute('style');
      const leaf = ![...e.children].some((child) => child.localName !== 'dfn');
      const { backgroundColor, color } = getComputedStyle(e);
      const theirs = /svelte-/.test(e.className); // of Gradio's own
      if (!theirs && (text || told(e) || style || leaf)) lines.push(`${kind(e)}${told(e)}`
        + (style ? ` style ${placed(style)}` : '') + (leaf && !text ? ` on ${hex(backgroundColor)}` : '')
        + (text ? ` ${quoted(text)} ${hex(color)}` : ''));
    }
    if (e.localName === 'svg') drawing(e);
    else if (e.localName !== 'select') for (const child of e.children) {
      if (child.localName !== 'dfn') walk(child);
    }
  };
  const drawing = (root) => {
    let row = [];
    let before = null;
    const flush = () => {
      if (row.length) lines.push(`${before}${marks(row)}`);
      row = [];
      before = null;
    };
    const visit = (e) => {
      if (!e.checkVisibility({ visibilityProperty: true })) return;
      if (/^(title|desc|defs|style)$/.test(e.localName)) return;
      const text = own(e);
      const title = [...e.children].find((child) => child.localName === 'title')?.textContent;
      const now = `  ${kind(e)}${told(e)}${title ? ` title ${quoted(title)}` : ''}${looks(e)}`
        + (text ? ` ${quoted(text)}` : '');
      if (now !== before) flush();
      before = now;
      row.push(e);
      for (const child of e.children) visit(child);
    };
    for (const child of root.children) visit(child);
    flush();
  };
  for (const selector of selectors) document.querySelectorAll(selector).forEach(walk);
  return lines.join('\\n').replaceAll(location.host, 'host');
}"""
# Until nothing has changed for so many milliseconds.
AT_REST = """() => new Promise((done) => {
  const rest = () => {
    if (document.getAnimations().some((one) => one.playState === 'running')) return wait();
    watch.disconnect();
    requestAnimationFrame(() => done());
  };
  let timer = null;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, 120);
  };
  const watch = new MutationObserver(wait);
  wait();
  watch.observe(document.body, { subtree: true, childList: true, attributes: true,
    characterData: true });
})"""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
PICTURES = re.compile(r"data:[^\"')]*")
PIXELS = 0.6


def is_same(kept: str, line: str) -> bool:
    """Places within a pixel's half, numbers in texts within one of their last digit, if they have
    one after the point: another processor adds in another order.
    """
    if kept == line:
        return True
    if NUMBER.split(kept) != NUMBER.split(line):
        return False
    for a, b in zip(NUMBER.finditer(kept), NUMBER.finditer(line), strict=True):
        far = abs(float(a[0]) - float(b[0]))
        if kept.count('"', 0, a.start()) % 2:
            digits = len(a[0].partition(".")[2])
            if digits != len(b[0].partition(".")[2]) or far > 1.001 * 10**-digits * (digits > 0):
                return False
        elif far > PIXELS:
            return False
    return True


def differences(kept: list[str], lines: list[str]) -> list[str]:
    """What is not as it was kept, as a diff."""
    if len(kept) == len(lines):
        lines = [a if is_same(a, b) else b for a, b in zip(kept, lines, strict=True)]
    return list(difflib.unified_diff(kept, lines, "kept", "shown", n=1, lineterm=""))


def changes(before: list[str], after: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield f"@ {i} {j}"
            yield from (f"+ {line}" for line in after[k:m])


def changed(before: list[str], kept: list[str]) -> list[str]:
    """What comes of `changes`."""
    after: list[str] = []
    place = 0
    for line in kept:
        if line.startswith("@"):
            first, past = map(int, line[2:].split())
            after += before[place:first]
            place = past
        else:
            after.append(line[2:])
    return after + before[place:]


DRAWN = """(svg) => {
  const place = Object.assign(document.createElement('div'), { id: 'saved', innerHTML: svg });
  document.body.append(place);
}"""


class Snapshots:
    """The looks at one page, in their order, under the names that they are kept by."""

    def __init__(self, page: Any, name: str, *selectors: str, keep: bool) -> None:
        self.page = page
        self._file = FOLDER / f"{name}.txt"
        self._selectors = selectors
        self._keep = keep
        self._before: list[str] = []
        self._taken: list[str] = []
        self._wrong: list[str] = []
        self._looks = {} if keep else self._read()

    def _read(self) -> dict[str, list[str]]:
        looks: dict[str, list[str]] = {}
        for line in self._file.read_text().splitlines():
            if line.startswith("== "):
                looks[line[3:]] = []
            else:
                looks[list(looks)[-1]].append(line)
        return looks

    def shown(self) -> list[str]:
        self.page.evaluate(AT_REST)
        return self.page.evaluate(SHOWN, list(self._selectors)).splitlines()

    def told(self, text: str) -> list[str]:
        """A saved picture as the page's own are, of a long table some forty rows."""
        if text.startswith("<svg"):
            self.page.evaluate(DRAWN, PICTURES.sub("data:", text))
            drawn = self.page.evaluate(SHOWN, ["#saved"]).splitlines()
            self.page.evaluate("document.querySelector('#saved').remove()")
            return drawn
        lines = text.splitlines()
        return lines[:: max(1, len(lines) // 40)]

    def look(self, name: str, text: str | None = None) -> None:
        """`text`: a file in place of the page."""
        lines = self.shown() if text is None else self.told(text)
        before = self._before if text is None else []
        if self._keep:
            self._taken += [f"== {name}", *changes(before, lines)]
            wanted = lines
        else:
            wanted = changed(before, self._looks.pop(name))
            self._wrong += [f"== {name}", *found] if (found := differences(wanted, lines)) else []
        if text is None:
            self._before = wanted

    def close(self) -> None:
        if self._keep:
            FOLDER.mkdir(exist_ok=True)
            self._file.write_text("\n".join(self._taken) + "\n")
        assert not self._wrong, "\n".join(self._wrong[:60])
        assert not self._looks, f"kept, and not looked at: {list(self._looks)}"
