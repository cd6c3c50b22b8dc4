"""The threshold and the costs that a visitor has chosen on the heart tab, as inputs of a listener.

They live in the browser (`static/heart/decision.js`): a script of the listener's fills them in.
"""

import gradio as gr

from classifiers.ui.static import taken

_FILL = """async (...given) => {
  const { decision } = await MODULE;
  const { threshold = null, miss = null, alarm = null } = decision() ?? {};
  return [...given.slice(0, -3), threshold, miss, alarm];
}"""


def chosen() -> tuple[list[gr.Number], str]:
    """Three hidden inputs, to stand last: threshold, cost of a miss, cost of a false alarm.

    The second value is the listener's `js`. Where nothing has been chosen yet they are None.
    """
    script = _FILL.replace("MODULE", taken("heart/decision.js"))
    return [gr.Number(visible="hidden") for _ in range(3)], script
