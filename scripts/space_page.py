"""The Space's own page: what the app is, a picture, how to call it. Used by deploy_space.py."""

import re

_PICTURE = "weights/heart/calibration.png"
_PAGE = """
# Neural-network classifiers

See what neural-network classifiers learn, where they fail, and what their numbers are worth.

- **Playground**: 2-D data, training watched as it happens, the best possible classifier beside it.
- **Heart**: the risk of heart disease from 13 clinical features, with an honest interval. For
  teaching; no medical device.
- **Capstone**: an underfitted, an overfitted and a good network on the same noisy moons.

![Observed frequency of disease against predicted probability]({picture})

## Call it

```python
from gradio_client import Client

client = Client("{space}")
print(client.predict(age=61, sex="male", cp=4, api_name="/predict_heart"))
```

Every endpoint and parameter is described in [its OpenAPI document]({host}/gradio_api/openapi.json).
The endpoints are MCP tools too:

```json
{{"mcpServers": {{"classifiers": {{"url": "{host}/gradio_api/mcp/"}}}}}}
```

The code is this Space's own: [its files](https://huggingface.co/spaces/{space}/tree/main).{weights}
"""


def space_page(readme: str, space: str, weights: str | None) -> str:
    """The README of a Space: the project's front matter, completed, and a page of its own.

    Args:
        readme: the project's, which begins with front matter.
        space: user/name.
        weights: the model repo that is followed, user/name, or None.
    """
    _, front, _ = readme.split("---\n", 2)
    picture = f"https://huggingface.co/spaces/{space}/resolve/main/{_PICTURE}"
    front += f"thumbnail: {picture}\n"
    told = ""
    if weights:
        front += f"models:\n  - {weights}\n"
        told = f" The heart model is [{weights}](https://huggingface.co/{weights})."
    host = "https://" + re.sub(r"[^a-z0-9]+", "-", space.lower()).strip("-") + ".hf.space"
    body = _PAGE.format(space=space, host=host, picture=picture, weights=told)
    return f"---\n{front}---\n{body}"
