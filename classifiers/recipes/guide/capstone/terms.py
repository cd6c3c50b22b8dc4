"""The capstone's words, each in one sentence."""

TERMS = {
    "training points": "The points that a network learns from: it is told their classes.",
    "test points": "Points that are kept back from learning, to see what was learned.",
    "fresh points": "A great many new points, made by the same rule after training, so that a "
    "score on them is next to free of luck.",
    "accuracy": "The share of points whose class is named rightly.",
    "loss": "The price of the answers, averaged: small where the true class was given a high "
    "probability, huge where a wrong one was given nearly all of it.",
    "epoch": "One pass over all points that are learned from.",
    "hidden unit": "A small part of a network that adds up what it is given, each part with a "
    "weight of its own, and bends the result; layers are made of them.",
    "layer": "Units side by side, which all hear the same numbers and hand theirs on.",
    "weight": "A number inside a network that learning changes.",
    "world": "One draw of points, of which of them are kept back, and of the weights that learning "
    "starts from; the rule behind the points stays.",
    "best possible": "What the best rule scores that there can be: it knows how the points were "
    "made, and is wrong only where classes overlap.",
    "moon": "One of the two half circles that the points lie along, one for each class.",
    "rule": "What makes the points, and could make endlessly many more of them.",
    "noise": "How far points are thrown off the shape that they belong to.",
    "dropout": "The share of units that are left out in each step of training, drawn anew each "
    "time; all of them work when it is over.",
    "weight decay": "A pull of all weights towards zero in each step of training.",
    "gap": "Accuracy on the points that were learned from, less accuracy on new ones.",
    "temperature": "A number that divides the logits before softmax: above 1 makes the network "
    "less sure, and never changes the named class.",
    "geometric mean": "The typical factor: the logarithm of it is the mean of the factors' "
    "logarithms.",
    "validation points": "Points taken from those to learn from, and used only to choose, for "
    "example when to stop.",
    "to learn by heart": "To get the very points right that were learned from, noise included, "
    "without the rule behind them.",
}
