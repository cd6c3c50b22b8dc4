"""The words of the steps, each in one sentence that needs none of the others."""

TERMS = {
    "network": "A calculation in layers with numbers inside that are learned, which turns what is "
    "known of a point into an answer.",
    "input": "A number that the network is told of each point, as its place from left to right.",
    "output": "A number that comes out at the end of the network.",
    "loss": "A number for how wrong the answers are: the smaller, the better.",
    "training": "Changing the numbers inside the network, bit by bit, so that its answers on known "
    "points get less wrong.",
    "squared error": "The distance between the answer and the truth, times itself, on average.",
    "cross-entropy": "How surprised the network is by the true class: minus the logarithm of the "
    "probability that it gave to it, on average.",
    "binary cross-entropy": "For two answers: how surprised the network is by the true one, minus "
    "the logarithm of the probability it gave to it, on average.",
    "weights": "The numbers inside a network that are learned: by how much each thing counts for "
    "the next.",
    "probability": "A number from 0 to 1 for how likely something is; over all answers they sum "
    "to 1.",
    "accuracy": "The share of points for which the right class is named.",
    "epoch": "One pass over all points that are learned from.",
    "test points": "Points that are kept back: nothing is ever learned from them.",
    "fresh points": "A hundred thousand new points from where the others came from, never used "
    "for anything else.",
    "best possible": "What the rule scores that knows how the points were made; what it misses "
    "cannot be learned, and on few points luck can beat it.",
    "range of chance": "From where to where the true score may lie: of 100 such ranges about 95 "
    "hold it.",
    "percentage points": "The difference of two percentages: from 90 % to 95 % it is five.",
    "seed": "A number that fixes what is drawn by chance, so that it comes out the same again.",
    "logits": "The raw numbers that come out of a network, before they become probabilities.",
    "logit": "A raw number that comes out of a network, before it becomes a probability.",
    "softmax": "Makes probabilities of any numbers: the larger a number, the larger its share of "
    "the whole.",
    "sigmoid": "Makes a probability of one number: zero becomes one half, large ones get close to "
    "one, very negative ones close to zero.",
    "prediction": "The class that is named: the one with the largest number.",
    "learning rate": "How far each step moves the numbers that are learned: too small is slow, too "
    "large jumps about.",
    "step": "One small change of all numbers that are learned.",
    "gradient": "The direction in which the error grows fastest; a step goes the other way.",
    "batch": "The points that one step looks at.",
    "shuffled": "Put in a random order.",
    "blobs": "Round clouds of points, one a class.",
    "circles": "Two rings of points, one inside the other, each a class.",
    "moons": "Two half rings of points that reach into each other, each a class.",
    "spread": "How far points typically lie from the centre of their cloud, to either side.",
    "overlap": "Places where points of several classes lie, so that the place alone does not tell "
    "which.",
    "hidden layer": "Units side by side between what goes into the network and what comes out.",
    "unit": "One small calculation of a network: it adds up what it gets, each times a number, "
    "and bends the sum.",
    "activation": "How a unit bends its sum before it hands it on.",
    "linear": "Only adding up and multiplying by fixed numbers, so that all it can draw is "
    "straight.",
    "boundary": "The line in the picture where the named class changes.",
    "ReLU": "Leaves a number above zero as it is, and makes zero of any below.",
    "tanh": "Squeezes any number smoothly into the range from −1 to 1.",
    "confusion matrix": "A table that counts what points of each class were named.",
    "target": "The true answer that an output is compared with.",
    "shape": "How many rows and columns a block of numbers has.",
    "type": "What kind of numbers a block of numbers holds, whole or decimal ones.",
    "int64": "The type of whole numbers.",
    "float32": "The type of decimal numbers that networks calculate with.",
    "one-hot": "A class as a row of zeros with a single 1, at its place.",
}
