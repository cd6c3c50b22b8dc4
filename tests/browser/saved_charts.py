"""What a visitor gets who saves charts."""

import io
from xml.etree import ElementTree

from PIL import Image

from tests.browser.read_chart import style_of

SVG = "{http://www.w3.org/2000/svg}"
# Of the charts that are saved, and of the entries of their legends: lines and marks.
LOOKS = """(section) => {
  const figures = [...section.querySelectorAll('figure')];
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  return {
    lines: figures.flatMap((figure) => all(figure.querySelector('svg'), 'polyline'))
      .map((line) => getComputedStyle(line).strokeDasharray),
    marks: figures.flatMap((figure) => all(figure, '.legend .key'))
      .map((key) => key.dataset.mark).filter((mark) => ['dot', 'ring'].includes(mark)),
    keys: figures.flatMap((figure) => all(figure, '.legend .key'))
      .filter((key) => !['dot', 'ring', 'triangle'].includes(key.dataset.mark))
      .map((key) => getComputedStyle(key).borderTopStyle),
  };
}"""


def check_saved_charts(page, section, name: str, charts: int) -> None:
    """Saves the charts of a section both ways: they hold the page's colours and stay apart."""
    files = {}
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            section.get_by_role("button", name=f"Save the charts as {kind}").click()
        assert download.value.suggested_filename == f"{name}.{kind.lower()}"
        files[kind] = download.value.path().read_bytes()
    figure = ElementTree.fromstring(files["SVG"])
    width, height = (float(figure.get(side)) for side in ("width", "height"))
    boxes = [
        [float(chart.get(side)) for side in ("x", "y", "width", "height")]
        for chart in figure.findall(f"{SVG}svg")
    ]
    assert len(boxes) == charts
    for i, (x, y, w, h) in enumerate(boxes):
        assert x + w <= width
        assert y + h <= height
        for x2, y2, w2, h2 in boxes[:i]:
            assert x >= x2 + w2 or x2 >= x + w or y >= y2 + h2 or y2 >= y + h
    drawn = figure.findall(f".//{SVG}polyline")
    assert drawn
    looks = section.evaluate(LOOKS)
    assert [line.get("stroke-dasharray") for line in drawn] == looks["lines"]
    keys = [line.get("stroke-dasharray") for line in figure.findall(f"{SVG}line")]
    written = [[] if key == "none" else [float(dash) for dash in key.split()] for key in keys]
    assert [style_of(dashes) for dashes in written] == looks["keys"]
    circles = [circle.get("fill") for circle in figure.findall(f"{SVG}circle")]
    assert ["ring" if fill == "none" else "dot" for fill in circles] == looks["marks"]
    for line in drawn:  # a viewer knows nothing of the page's style sheet
        assert line.get("stroke").startswith("rgb")
        assert line.get("fill") == "none"
    picture = Image.open(io.BytesIO(files["PNG"]))
    assert picture.size == (2 * width, 2 * height)
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 10
