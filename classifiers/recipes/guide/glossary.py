"""The one glossary: the words of the field on each tab, explained where they stand.

The words of the steps' cards are in the `terms.py` of each tab; here are those that all tabs have,
and those that only the pages show.
"""

from classifiers.recipes.guide.capstone.terms import TERMS as _CAPSTONE
from classifiers.recipes.guide.heart.terms import TERMS as _HEART
from classifiers.recipes.guide.playground.terms import TERMS as _PLAYGROUND

_COMMON = {
    "class": "One of the few answers that a classifier can give, as a colour or ill and healthy.",
    "classifier": "A rule that names a class for every point or patient it is shown.",
    "bias": "The error that the networks of all worlds make together, in a vote, beyond what the "
    "best possible classifier makes.",
    "variance": "How much larger the error of one network is, on average, than that of the vote "
    "of all worlds: what it owes to its own points and start.",
    "overfitting": "Learning what is true of the training rows only: the score on them rises, on "
    "new ones it does not.",
    "overfit": "To learn what is true of the training rows only, so that the score on them rises "
    "and on new ones does not.",
    "underfitting": "Doing worse than need be on training rows and new ones alike: the network is "
    "too simple, or was not trained long enough.",
    "standard deviation": "How far single values typically lie from their mean.",
    "median": "The value in the middle: half lie above it, half below.",
    "diverged": "The steps grew so large that the loss is no number any more.",
    "regularisation": "A pull of the weights towards zero, against learning the noise by heart.",
    "optimiser": "The rule that turns the slope of the error into a step of the weights.",
    "batch size": "How many training rows are read before each step of the weights.",
    "label noise": "This share of the points gets a wrong class on purpose. Fresh points never do.",
    # What numbers are told with, on any card.
    "percentage points": _PLAYGROUND["percentage points"],
    "±": "How far single runs typically lie from their mean.",
    "[a, b]": "The range in which the true value may lie; of 100 such ranges about 95 hold it.",
    "distinguishable from zero": "Zero lies outside the range of the difference, so chance alone "
    "seldom makes it; differences are taken before rounding.",
}
_SHOWN = {
    "playground": {
        **{
            word: _CAPSTONE[word]
            for word in ("dropout", "weight decay", "noise", "training points", "validation points")
        },
        "momentum": "The share of the last step that the next one goes on with, like a ball that "
        "rolls.",
        "l1 penalty": "Adds the sizes of the weights, times this, to the loss: many become zero.",
        "l2 penalty": "Adds the squares of the weights, times this, to the loss: none gets large.",
        "share of class a": "This share of all points is of class A; the other classes share the "
        "rest equally. Even: every blob, ring, moon, arm or square gets as many points.",
        "balanced accuracy": "The share that is found of each class, averaged over the classes, "
        "so that a rare class counts as much as a common one.",
        "standardise": "To take the mean away and divide by the spread, so that both coordinates "
        "have one scale.",
        "test share": "The share of the points that is kept back: nothing is learned from them.",
        "start": "How the weights are drawn before the first step.",
        "networks": "Several networks learn the same points from different starts. The picture "
        "shows their mean; curves have a band from the lowest to the highest.",
        "early stopping": "Goes back to the weights that were best on points which are not "
        "trained on.",
        "widest directions": "A layer has as many directions as units. These are the two in which "
        "points lie farthest apart; this share of all that sets them apart lies in them.",
    },
    "heart": {
        "accuracy": "The share of patients who are called rightly.",
        "sensitivity": "Of those with disease, the share that is called ill; also called recall.",
        "recall": "Of those with disease, the share that is called ill; also called sensitivity.",
        "specificity": "Of those without disease, the share that is not called ill.",
        "precision": "Of those who are called ill, the share that has the disease.",
        "negative predictive value": "Of those who are not called ill, the share that is without "
        "disease.",
        "F1": "One number for precision and recall together: their harmonic mean, which is low "
        "where either is.",
        "false positive": "A patient without disease who is called ill: a false alarm.",
        "false negative": "A patient with disease who is not called ill: a miss.",
        "confusion matrix": "A table that counts what patients with and without disease were "
        "called.",
        "mean precision": "The area under the curve of precision against recall: precision, "
        "averaged over all that is found step by step.",
        "net benefit": "Patients rightly called, less false alarms weighed by the odds of the "
        "threshold, for each patient. Above both dotted lines, using the model beats calling "
        "everybody or nobody.",
        "ROC": "Receiver operating characteristic: what is found against the false alarms that it "
        "costs, at every threshold.",
        "AUC": "The area under the ROC curve: of 100 pairs of a patient with disease and one "
        "without, in how many the one with disease gets the higher risk. By chance it is 50.",
        "ranking": "Whether patients with disease get higher risks than those without, whatever "
        "the risks are; measured by the AUC.",
        "calibration": "Whether risks can be taken at their word: of the patients told about "
        "30 %, about 30 in 100 have the disease.",
        "calibration slope": "1 where risks spread as they should; above 1 they are too timid, "
        "below 1 too bold.",
        "calibration intercept": "0 where risks are right on average; above 0 they are too low, "
        "below 0 too high.",
        "calibrated": "Right at their word: of the patients told about 30 %, about 30 in 100 have "
        "the disease.",
        "Brier score": "The squared distance of the stated risk from what was found, 0 or 1, "
        "averaged over patients; 0 is perfect.",
        "theory": "If the risks are right, calling disease is worth it from the risk at which a "
        "false alarm and the chance of a miss cost the same: false alarm / (false alarm + miss).",
        "logistic regression": "The plainest model of a risk: a weight for each field, added up, "
        "and the sum turned into a probability. It has no hidden layer.",
        "regression": "A sum of the fields, each times a weight of its own.",
        "optimism": "How much better a model looks on the patients that it was fitted to than on "
        "others.",
        "learning rate": _PLAYGROUND["learning rate"],
        "majority class": "The answer that most patients have. Naming it for everybody takes no "
        "model at all.",
        "odds": "How many patients with disease there are for each one without: a risk of 75 % is "
        "odds of 3.",
        "log odds": "The logarithm of the odds: 0 at a risk of 50 %, above it positive, below it "
        "negative.",
        "Shapley value": "What a field adds to one prediction, averaged over all orders in which "
        "the fields could become known.",
        "Shapley interaction": "What two fields add together beyond what each adds alone, averaged "
        "over all sets of other known fields.",
        "refit": "The same network trained again with the patients weighted at random: how far the "
        "refits disagree is how little the study fixes the answer.",
        "standardised": "With its mean taken away and divided by its spread, so that all fields "
        "have one scale.",
        "hidden and averaged": "Taken as unknown: the answer is averaged over what the field may "
        "be, given the others.",
        "cross-validation": "The patients are cut into parts, and each part is answered by "
        "networks that were trained on the others.",
        "extrapolates": "Answers beyond what it has seen, where nothing holds its answers to the "
        "truth.",
        "memorises": "Learns the very rows by heart, without the rule behind them.",
        "resamples": "Studies drawn from this one: as many patients, some taken twice and some "
        "not at all, to see how much a number owes to who was in it.",
    },
    "capstone": {
        "best rule on these test points": "What the best possible rule scores on these very test "
        "points. It can be beaten here, by luck.",
        "test luck": "The errors on these test points, less those on fresh ones: nothing that the "
        "network did.",
        "said and found": "All fresh points for which the network said about this probability, "
        "against the share of them that were class B.",
        "regret": "Where the network departs from the best possible rule: the larger a square, the "
        "more errors that costs.",
        "can’t tell": "The difference over these worlds is no more than chance would make it. "
        "All comparisons of a sweep are judged at once: when nothing differs, a page like this "
        "says something false at most once in twenty times.",
        "by more than chance": "All comparisons of a sweep are judged at once: when nothing "
        "differs, a page like this says something false at most once in twenty times.",
        "optimism": "Accuracy on test points less accuracy on fresh ones, which luck cannot help: "
        "what test points say above fresh ones is what they flatter.",
        "start": "The weights that learning begins with, drawn anew in every world.",
        "depth": "How many hidden layers there are.",
        "width": "How many units a hidden layer has.",
        "learning rate": _PLAYGROUND["learning rate"],
        "parameter": "A number inside a network that learning changes.",
        "heap": "Networks of one setting that end near each other, away from the others.",
    },
}
# By tab: the same word may mean another thing there.
GLOSSARY = {
    "playground": _COMMON | _SHOWN["playground"] | _PLAYGROUND,
    "heart": _COMMON | _HEART | _SHOWN["heart"],
    "capstone": _COMMON | _SHOWN["capstone"] | _CAPSTONE,
}
# Words with an everyday meaning too: explained where a step or a page names them, not wherever they
# happen to stand.
EVERYDAY = frozenset(
    {"blobs", "circles", "class", "classifier", "code", "fitted", "gap", "input",
     "layer", "linear", "luck", "miss", "moon", "moons", "network", "networks", "output",
     "parameters", "prediction", "risk", "rule", "shape", "split", "spread", "start", "step",
     "target", "theory", "to learn by heart", "training", "type", "unit", "units", "weight",
     "weights"}
)  # fmt: skip
