"""Plain PyTorch, written as a textbook would: what the fast trainer is measured against."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

ACTIVATIONS = {
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
}


def sequential(
    sizes: Sequence[int], activation: str, *, dropout: float = 0.0, seed: int | None = None
) -> nn.Sequential:
    """An MLP of `sizes`, initialised after `torch.manual_seed(seed)`."""
    if seed is not None:
        torch.manual_seed(seed)
    modules: list[nn.Module] = []
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        modules.append(nn.Linear(fan_in, fan_out))
        if i < len(sizes) - 2:
            modules.append(ACTIVATIONS[activation]())
            if dropout:
                modules.append(nn.Dropout(dropout))
    return nn.Sequential(*modules)


def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    return (model(x).argmax(1) == y).float().mean().item()


def lesson_loop(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    *,
    epochs: int,
    learning_rate: float = 0.01,
    weight_decay: float = 0.0,
) -> list[tuple[float, float, float]]:
    """The loop of the lesson's capstone: one Adam step an epoch, both accuracies every epoch."""
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
    history = []
    for _ in range(epochs):
        model.train()
        loss = loss_of(model(train[0]), train[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.inference_mode():
            history.append((loss.item(), accuracy(model, *train), accuracy(model, *test)))
    return history
