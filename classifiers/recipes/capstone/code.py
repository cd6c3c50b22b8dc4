"""The capstone as a script that a reader can keep: plain PyTorch, nothing of this package.

It draws the points of the first world, starts from the same weights and drops the same units, so it
ends as the page's first world does. Compared with the lesson's stored one, after 2,000 epochs:

- points, split, fresh points: the same numbers; the best possible to 12 digits;
- the network too small and the one about right: training, test and fresh accuracy the same, test
  loss to 5 digits;
- the network too big: the same until about epoch 70 (test loss to 4 digits). Then it amplifies the
  last digits of its sums, which torch adds in another order than this package, and ends where
  another processor might have ended too: training accuracy 100 % in both; 93.3 % for 94.4 % of the
  test points, one point less; fresh accuracy 86.4 % for 86.7 %, test loss .66 for .61.

Dropout agrees where a hidden layer's activations, training rows times units, are a multiple of
four: four units share a random word. Elsewhere its digits differ.
"""

from string import Template

from classifiers.config import CapstoneConfig, EarlyStoppingConfig
from classifiers.recipes.capstone.worlds.rule import world_runs

_STOPPING = EarlyStoppingConfig()

_SCRIPT = Template('''\
"""Too small, too big, about right: three networks on the same noisy moons."""

import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import nn

NOISE, EPOCHS, START = $noise, $epochs, $start
torch.set_num_threads(1)  # how many threads share a sum decides its last digits

# Test points never train: what a network says of those it trained on, it may know by heart.
x, y = make_moons($samples, noise=NOISE, random_state=$seed)
x, y = torch.from_numpy(x).float(), torch.from_numpy(y).long()  # classes: int64
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=$share, random_state=$seed)

# Test points are few, and a score on them is part luck. As we know the rule that makes points, we
# can also ask 100,000 fresh ones. (A list as seed draws none that a number as seed would draw.)
fresh, _ = make_moons(100_000, noise=NOISE, random_state=np.random.RandomState([0, 1]))


def chance_of_class_1(points):
    """A half circle blurred by a Gaussian is as dense as Gaussians all along it are on average."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    angle = (nodes + 1) * np.pi / 2
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    density = [
        np.exp(-((points[:, None] - moon) ** 2).sum(2) / (2 * NOISE**2)) @ weights
        for moon in (upper, [1, 0.5] - upper)
    ]
    return density[1] / (density[0] + density[1])


fresh = torch.from_numpy(fresh).float()
chance = chance_of_class_1(fresh.double().numpy())
drops = torch.Generator()


class Dropout(nn.Dropout):
    """Takes its random numbers as the app does, so that the same units are left out."""

    def forward(self, h):
        if not self.training:  # after eval() all units work
            return h
        words = torch.empty(-(-h.numel() // 4), dtype=torch.int64)
        words.random_(-(2**63), None, generator=drops)  # a word serves four units
        out = round(65536 * self.p)
        kept = words.view(torch.int16)[: h.numel()] >= out - 32768
        # Those that stay speak louder, so that the next layer hears as much as without dropout.
        return h * kept.view_as(h) * (65536 / (65536 - out))


# Units of each hidden layer, activation, dropout, weight decay.
NETWORKS = {
    "too small": ((2,), nn.Tanh, 0.0, 0.0),  # its boundary hardly bends
    "too big": ((256, 256, 256), nn.ReLU, 0.0, 0.0),  # far more weights than points
    "about right": (($width, $width), nn.ReLU, $dropout, $decay),
}


def train(name, rows, watch=None, patience=$patience):
    """Trains on rows; with rows to watch, ends at the epoch whose loss on those was lowest."""
    torch.manual_seed(START)  # the weights that it starts from
    drops.manual_seed(START)
    widths, activation, share, decay = NETWORKS[name]
    layers, inputs = [], 2
    for width in widths:
        layers += [nn.Linear(inputs, width), activation(), *([Dropout(share)] if share else [])]
        inputs = width
    network = nn.Sequential(*layers, nn.Linear(inputs, 2))  # logits: the loss can read them
    adam = torch.optim.Adam(network.parameters(), lr=$rate, weight_decay=decay)
    best_loss, best_epoch, best = float("inf"), EPOCHS, network.state_dict()
    for epoch in range(1, EPOCHS + 1):
        network.train()
        loss = nn.functional.cross_entropy(network(rows[0]), rows[1])
        adam.zero_grad()  # gradients add up otherwise
        loss.backward()
        adam.step()
        if watch is None:
            continue
        network.eval()
        with torch.inference_mode():
            loss = nn.functional.cross_entropy(network(watch[0]), watch[1]).item()
        if loss < best_loss:
            best_loss, best_epoch, best = loss, epoch, copy.deepcopy(network.state_dict())
        elif epoch - best_epoch > patience:
            break
    network.load_state_dict(best)
    return network.eval(), best_epoch


@torch.inference_mode()
def report(name, network):
    both = (rows, (x_test, y_test))
    train, test = ((network(x).argmax(1) == y).double().mean() for x, y in both)
    loss = nn.functional.cross_entropy(network(x_test), y_test)
    right = np.where(network(fresh).argmax(1).numpy() == 1, chance, 1 - chance).mean()
    print(f"{name:12} {train:.6f} {test:.6f} {right:.6f} {loss:.6f}")


rows = x_train, y_train
print(f"best possible {np.maximum(chance, 1 - chance).mean():.6f}; train, test, fresh, test loss:")
_, panels = plt.subplots(1, 3, figsize=(14, 4))
plane = np.meshgrid(np.linspace(-2, 3, 300), np.linspace(-1.5, 2, 300))
grid = torch.from_numpy(np.stack(plane, axis=-1)).float()
for panel, name in zip(panels, NETWORKS):
    network, _ = train(name, rows)
    report(name, network)
    panel.contourf(*plane, network(grid).argmax(2), levels=1, alpha=0.4)
    panel.scatter(*x_train.T, c=y_train, s=12)
    panel.set_title(name)

# The best epoch, chosen by points of its own. Chosen by test points, it would flatter those.
x_fit, x_val, y_fit, y_val = train_test_split(*rows, test_size=$held, random_state=$seed)
network, epoch = train("too big", (x_fit, y_fit), watch=(x_val, y_val))
report(f"epoch {epoch}", network)
plt.show()
''')


def to_script(config: CapstoneConfig | None = None) -> str:
    """A script that needs torch, scikit-learn, numpy and matplotlib, and no more.

    It prints the best possible, a line a network and one for the big network at the epoch that
    validation points chose: accuracy on training, test and fresh points, and the loss on test
    points. Then it draws the three regions. Untrained networks are no candidates for an epoch.

    Args:
        config: None = the lesson's; its number of networks is left aside.
    """
    config = config or CapstoneConfig()
    run, good = world_runs(config)["good"], config.good
    return _SCRIPT.substitute(
        samples=run.dataset.samples,
        noise=run.dataset.noise,
        seed=run.dataset.seed,
        share=run.training.test_share,
        rate=run.training.learning_rate,
        epochs=run.training.epochs,
        start=run.training.seed,
        width=good.width,
        dropout=good.dropout,
        decay=good.weight_decay,
        held=_STOPPING.share,
        patience=_STOPPING.patience,
    )
