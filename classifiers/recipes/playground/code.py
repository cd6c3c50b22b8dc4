"""A playground run as a script that a reader can keep: plain PyTorch, nothing of this package.

The script draws the same data, starts from the same weights and takes the same steps, so it ends
with the same accuracy. Dropout is the exception: torch draws its masks in another order.
"""

from collections.abc import Iterator
from itertools import pairwise

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.balance import class_counts
from classifiers.recipes.playground.run import DENSE_EPOCHS, LOOKED_EPOCHS

_ACTIVATIONS = {
    "identity": "nn.Identity()",
    "relu": "nn.ReLU()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
    "leaky_relu": "nn.LeakyReLU()",
    "gelu": "nn.GELU()",
}
_FEATURES = {
    "x1": "x[:, 0]",
    "x2": "x[:, 1]",
    "x1^2": "x[:, 0] ** 2",
    "x2^2": "x[:, 1] ** 2",
    "x1*x2": "x[:, 0] * x[:, 1]",
    "sin(x1)": "torch.sin(x[:, 0])",
    "sin(x2)": "torch.sin(x[:, 1])",
}
_SKLEARN = {
    "blobs": "x, y = make_blobs(n_samples={samples}, n_features=2, centers={centers}, "
    "cluster_std={noise}, random_state={seed})",
    "circles": "x, y = make_circles(n_samples={samples}, noise={noise}, factor={factor}, "
    "random_state={seed})",
    "moons": "x, y = make_moons(n_samples={samples}, noise={noise}, random_state={seed})",
}
_XOR = """\
random = np.random.RandomState({seed})
x = random.uniform(-1, 1, ({samples}, 2))
right, upper = x[:, 0] >= 0, x[:, 1] >= 0
y = np.where(upper, np.where(right, 0, 1), np.where(right, 3, 2)) % {classes}
x = x + random.normal(scale={noise}, size=x.shape)"""
_SHUFFLED = """\
order = np.arange(len(x))
random.shuffle(order)
x, y = x[order], y[order]
x = x + random.normal(scale={noise}, size=x.shape)"""
_SHARED_XOR = (
    """\
random = np.random.RandomState({seed})
squares = []
for k, count in enumerate({counts}):
    quadrant = np.resize(np.arange(k, 4, {classes}), count)
    positive = np.stack([np.isin(quadrant, (0, 3)), quadrant < 2], 1)
    squares.append(random.uniform(0, 1, (count, 2)) * np.where(positive, 1, -1))
x, y = np.concatenate(squares), np.repeat(np.arange({classes}), {counts})
"""
    + _SHUFFLED
)
_SPIRALS = (
    """\
random = np.random.RandomState({seed})
start, end, radius = 0.5 * np.pi, 3 * np.pi, 1.75
length = radius * (end**2 - start**2) / (2 * end)
counts = {counts}
arms = []
for k, position in enumerate([random.uniform(0, length, count) for count in counts]):
    angle = np.sqrt(start**2 + position * 2 * end / radius)
    turned = angle + 2 * np.pi * k / {classes}
    arms.append(np.stack([np.cos(turned), np.sin(turned)], 1) * (radius * angle / end)[:, None])
x, y = np.concatenate(arms), np.repeat(np.arange({classes}), counts)
"""
    + _SHUFFLED
)

_LABEL_NOISE = """\
random = np.random.RandomState([{seed}, 2])
turned = random.random_sample(len(y)) < {label_noise}
y = (y + turned * random.randint(1, {classes}, len(y))) % {classes}"""

_INITIALIZE = (
    "for layer in model:",
    "    if isinstance(layer, nn.Linear):",
    "        nn.init.{name}_uniform_(layer.weight{more})",
    "        nn.init.zeros_(layer.bias)",
)
_START: dict[str, list[str]] = {
    "torch": [],
    "xavier": [line.format(name="xavier", more="") for line in _INITIALIZE],
    "he": [line.format(name="kaiming", more=', nonlinearity="relu"') for line in _INITIALIZE],
    "zero": ["for w in model.parameters():", "    nn.init.zeros_(w)"],
    "large": ["with torch.no_grad():", "    for w in model.parameters():", "        w.mul_(10)"],
}


def to_script(config: PlaygroundConfig) -> str:
    """A self-contained script; its last line prints the test accuracy, the mean over members."""
    sections = [_imports(config), _data(config), _model(config), _training(config)]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _imports(config: PlaygroundConfig) -> Iterator[str]:
    yield "import numpy as np"
    yield "import torch"
    if config.dataset.name in _SKLEARN:
        yield f"from sklearn.datasets import make_{config.dataset.name}"
    yield "from sklearn.model_selection import train_test_split"
    yield "from torch import nn"


def _data(config: PlaygroundConfig) -> Iterator[str]:
    data, training = config.dataset, config.training
    yield "# Data"
    yield _draw(data)
    if data.label_noise:
        yield _LABEL_NOISE.format(**data.to_dict())
    yield "# float32, as the weights are; classes are numbers, int64, not rows of zeros and a one"
    yield "x, y = torch.from_numpy(x).float(), torch.from_numpy(y).long()"
    if data.features != ("x1", "x2"):
        columns = ", ".join(_FEATURES[feature] for feature in data.features)
        yield f"x = torch.stack([{columns}], dim=1)"
    yield "# what is kept back is never trained on"
    yield (
        "x_train, x_test, y_train, y_test = train_test_split("
        f"x, y, test_size={training.test_share}, random_state={data.seed})"
    )
    stopping = training.early_stopping
    if stopping is None:
        return
    if stopping.on == "validation":
        yield (
            "x_train, x_watch, y_train, y_watch = train_test_split("
            f"x_train, y_train, test_size={stopping.share}, random_state={data.seed})"
        )
    else:
        yield "x_watch, y_watch = x_test, y_test  # a mistake: it chooses by the test points"


def _draw(data: DatasetConfig) -> str:
    if data.name == "points":
        rows = ",\n".join(f"    {list(point)}" for point in data.points)
        return f"points = np.array([\n{rows},\n])\nx, y = points[:, :2], points[:, 2]"
    counts, xor = class_counts(data, data.samples), _XOR
    values = {**data.to_dict(), "factor": data.factor or 0.5, "counts": counts}
    values["centers"] = data.classes
    if data.balance is not None:
        # scikit-learn takes counts instead of a number, and then draws as many centres itself.
        values |= {"samples": tuple(counts), "centers": None}
        xor = _SHARED_XOR
    template = {**_SKLEARN, "xor": xor, "spirals": _SPIRALS}[data.name]
    return template.format(**values)


def _model(config: PlaygroundConfig) -> Iterator[str]:
    network, data = config.network, config.dataset
    one_logit = network.outputs == "one_logit"
    sizes = (len(data.features), *network.widths, 1 if one_logit else data.classes)
    yield "# Model and loss"
    yield "def build_model():"
    yield "    return nn.Sequential("
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        yield f"        nn.Linear({fan_in}, {fan_out}),"
        if i < len(network.widths):
            yield f"        {_ACTIVATIONS[network.activation]},"
            if _drops(config):
                yield f"        nn.Dropout({network.dropout}),"
    yield "    )  # no softmax or sigmoid at the end: the loss does that itself, in one stable step"
    yield "\n"
    yield "def loss_of(model, x, y):"
    if one_logit:
        yield "    # logits (N, 1) without their last dimension, and targets (N,) as floats"
        yield "    return nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y.float())"
    else:
        yield f"    # logits (N, {data.classes}), a number for each class, and class numbers (N,)"
        yield "    return nn.functional.cross_entropy(model(x), y)"
    yield "\n"
    yield "def accuracy(model, x, y):"
    yield "    with torch.inference_mode():  # nothing is remembered for gradients"
    if one_logit:
        yield "        # a logit above 0 is a probability above 0.5"
    else:
        yield "        # the largest logit has the largest probability"
    predicted = "(model(x)[:, 0] > 0).long()" if one_logit else "model(x).argmax(1)"
    yield f"        return ({predicted} == y).float().mean().item()"


def _training(config: PlaygroundConfig) -> Iterator[str]:
    training, stopping = config.training, config.training.early_stopping
    yield "\n# Training"
    if _drops(config):
        yield "# (dropout draws other random numbers here than in the app: digits will differ)"
    yield "accuracies = []"
    yield f"for member in range({training.members}):"
    yield f"    torch.manual_seed({training.seed} + member)"
    yield "    model = build_model()"
    yield from (f"    {line}" for line in _START[config.network.start])
    yield f"    optimizer = {_optimizer(config)}"
    if training.batch_size is not None or "batch_size" in _changing(config):
        yield f"    generator = torch.Generator().manual_seed({training.seed} + member)"
    yield from (f"    {line}" for line in _variables(config))
    if stopping is not None:
        yield '    best_loss, best_epoch, best = float("inf"), 0, None'
    if stopping is None:
        yield f"    for epoch in range({training.epochs}):"
        yield from (f"        {line}" for line in _changes(config, 0))
        yield from (f"        {line}" for line in _epoch(config))
    else:
        yield f"    for epoch in range({training.epochs + 1}):"
        yield "        if epoch > 0:"
        yield from (f"            {line}" for line in _changes(config, 1))
        yield "            model.train()"
        yield from (f"            {line}" for line in _epoch(config))
        stride = training.record_every or max(1, -(-training.epochs // 200))
        if stride > 1:
            dense = LOOKED_EPOCHS if training.record_every else DENSE_EPOCHS
            late = f"epoch > {dense} and epoch % {stride}"
            yield f"        if {late} and epoch < {training.epochs}:"
            yield "            continue"
        yield "        model.eval()"
        yield "        with torch.inference_mode():"
        yield "            loss = loss_of(model, x_watch, y_watch).item()"
        yield f"        if loss < best_loss and epoch - best_epoch <= {stopping.patience}:"
        yield "            best_loss, best_epoch = loss, epoch"
        yield "            best = {name: w.clone() for name, w in model.state_dict().items()}"
        yield f"        if epoch - best_epoch > {stopping.patience}:"
        yield "            break"
        yield "    model.load_state_dict(best)"
    yield "    model.eval()  # dropout off, where there is any; train() switches it on"
    yield "    accuracies.append(accuracy(model, x_test, y_test))"
    yield 'print(f"test accuracy {np.mean(accuracies):.4f}")'


def _optimizer(config: PlaygroundConfig) -> str:
    training = config.training
    name = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}[training.optimizer]
    extra = f", momentum={training.momentum}" if training.momentum else ""
    # AdamW decays by default, so zero must be written out.
    if training.weight_decay or training.optimizer == "adamw":
        extra += f", weight_decay={training.weight_decay}"
    return f"torch.optim.{name}(model.parameters(), lr={training.learning_rate}{extra})"


def _drops(config: PlaygroundConfig) -> bool:
    """Whether hidden units are left out at any time."""
    network, changes = config.network, config.training.changes
    shares = (network.dropout, *(change.settings.get("dropout") for change in changes))
    return bool(network.widths) and any(shares)


def _changing(config: PlaygroundConfig) -> set[str]:
    return {name for change in config.training.changes for name in change.settings}


def _variables(config: PlaygroundConfig) -> Iterator[str]:
    """What changes on the way and is no setting of the optimiser's or of a layer's."""
    for name in ("l1", "l2"):
        if name in _changing(config):
            yield f"{name} = {getattr(config.training, name)}"
    if "batch_size" in _changing(config):
        yield f"size = {config.training.batch_size or 'len(x_train)'}"


def _changes(config: PlaygroundConfig, first: int) -> Iterator[str]:
    """The changes, where epochs are counted from `first`."""
    for change in config.training.changes:
        yield f"if epoch == {change.epoch + first}:"
        given = change.settings
        names = {"learning_rate": "lr", "momentum": "momentum", "weight_decay": "weight_decay"}
        groups = ", ".join(f"{names[key]}={given[key]}" for key in names if key in given)
        if groups:
            yield f"    optimizer.param_groups[0].update({groups})"
        for name in ("l1", "l2"):
            if name in given:
                yield f"    {name} = {given[name]}"
        if "batch_size" in given:
            yield f"    size = {given['batch_size'] or 'len(x_train)'}"
        if "dropout" in given and _drops(config):
            yield "    for layer in model:"
            yield "        if isinstance(layer, nn.Dropout):"
            yield f"            layer.p = {given['dropout']}"
        elif set(given) == {"dropout"}:
            yield "    pass  # there is nothing to leave out"


def _epoch(config: PlaygroundConfig) -> Iterator[str]:
    """One pass over the training rows."""
    training = config.training
    changes = "batch_size" in _changing(config)
    if training.batch_size is None and not changes:
        yield from _step(config, "x_train", "y_train")
        return
    if changes:
        yield "batches = [slice(None)]"
        yield "if size < len(x_train):"
        order = "torch.rand(len(x_train), generator=generator).argsort()"
        yield f"    batches = {order}.split(size)"
        yield "for rows in batches:"
    else:
        yield "order = torch.rand(len(x_train), generator=generator).argsort()"
        yield f"for rows in order.split({training.batch_size}):"
    yield from (f"    {line}" for line in _step(config, "x_train[rows]", "y_train[rows]"))


def _step(config: PlaygroundConfig, x: str, y: str) -> Iterator[str]:
    yield f"loss = loss_of(model, {x}, {y})  # forward"
    for name, form in (("l1", "w.abs()"), ("l2", "(w**2)")):
        strength = getattr(config.training, name)
        if strength or name in _changing(config):
            weights = "for w in model.parameters() if w.dim() == 2"
            factor = name if name in _changing(config) else strength
            yield f"loss = loss + {factor} * sum({form}.sum() {weights})"
    yield "optimizer.zero_grad()  # forget the gradients of the step before"
    yield "loss.backward()  # how the loss changes with each weight"
    yield "optimizer.step()  # each weight a little downhill"
