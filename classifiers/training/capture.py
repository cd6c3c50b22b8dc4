"""A training step as one CUDA graph."""

from collections.abc import Callable

import torch

_EAGER_CALLS = 3  # cuBLAS and the caching allocator settle in them, as capture asks for
_CALLS_AHEAD = 64  # that the host may be ahead of the card, so that a run can stop at once


class CapturedStep:
    """A step that does the same work on the same tensors every time, captured and replayed.

    A small network's step is two dozen kernels of a few microseconds each: launching them one by
    one from Python would leave the card idle most of the time.

    Args:
        step: keeps its counters on the card, those of its random numbers too.
        device: the card.
    """

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self.step, self.device = step, device
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.stream = torch.cuda.Stream(device)

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= _EAGER_CALLS:
            current = torch.cuda.current_stream(self.device)
            self.stream.wait_stream(current)
            with torch.cuda.stream(self.stream):
                self.step()
            current.wait_stream(self.stream)
            return
        if self.graph is None:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=self.stream):
                self.step()
            self.graph = graph
        self.graph.replay()
        if self.calls % _CALLS_AHEAD == 0:
            torch.cuda.synchronize(self.device)
