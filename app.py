"""Entry point of the Space: python app.py"""

import spaces  # ZeroGPU needs it before anything touches CUDA
import torch

from classifiers.ui import build_app, launch_options


@spaces.GPU(duration=10)
def name_gpu() -> str | None:
    """The card's name. ZeroGPU starts no Space without a function of this kind.

    Nothing here calls it: networks this small are trained on the CPU there too, since seconds of
    the GPU are the visitor's own.
    """
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


demo = build_app()

if __name__ == "__main__":
    demo.launch(**launch_options())
