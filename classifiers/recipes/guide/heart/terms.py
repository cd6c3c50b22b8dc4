"""The words that the heart tab's steps use."""

TERMS = {
    "angina": "Pain in the chest since the heart gets too little blood.",
    "angiography": "An X-ray film of the heart's arteries: it decided, for these patients, whether "
    "one was narrowed by more than half.",
    "cholesterol": "A fat in the blood; much of it goes with narrowed arteries.",
    "coloured vessels": "How many of the three large arteries take up the dye of an X-ray film.",
    "code": "A number that stands for a word, as in a form: it names an answer and measures "
    "nothing.",
    "dropout": "Switches off a share of the units at random in each step of training.",
    "ECG": "A recording of the heart's electric signals.",
    "epoch": "One pass over all that is trained on.",
    "eval()": "Puts a network into the state for answering, in which all its units take part.",
    "false alarm": "A healthy patient who is called ill.",
    "fitted": "Shown some rows, of which it keeps what it needs later, as a mean or a list.",
    "held out": "Kept apart from the start: nothing was fitted to or chosen on these patients.",
    "hidden layer": "A row of units between what goes into a network and what comes out.",
    "hypertrophy": "A thickened wall, here of the heart's main chamber.",
    "LabelEncoder": "A tool that numbers the codes that it was shown, in their order, from zero.",
    "interval": "A range that holds the true value in most repetitions of the whole study.",
    "leak": "Something of the test patients that reaches training, so that the test is no test.",
    "log loss": "Cross-entropy by its other name: minus the logarithm of the probability given to "
    "what was true, averaged; being sure and wrong costs most.",
    "random forest": "Many small trees of yes-no questions, which vote.",
    "miss": "An ill patient who is called healthy.",
    "one-hot": "A column for each code, with a one in the column of the code that is there.",
    "out of fold": "Each patient is answered by networks that were trained on others only.",
    "parameters": "The numbers inside a network that training changes.",
    "preprocessing": "What turns the fields of a patient into the numbers a network is fed.",
    "risk": "The share with a narrowed artery among many patients like this one.",
    "scaler": "Takes a field's mean from each value and divides by the spread, so that all "
    "fields have one scale.",
    "split": "A random division of the patients into those that are trained on and those that "
    "test.",
    "spread": "How far values typically lie from their mean.",
    "ST depression": "How far a part of the heart's signal sinks on effort; deep is a bad sign.",
    "ST slope": "Whether that part of the signal rises, stays flat or falls on effort.",
    "thallium scan": "A picture of which parts of the heart's muscle get blood, at rest and on "
    "effort.",
    "threshold": "The risk from which on a patient is called ill.",
    "train()": "Puts a network into the state for learning, in which dropout is at work.",
    "training accuracy": "The share that is right among the patients that were learned from.",
    "test accuracy": "The share that is right among patients that were not learned from.",
    "weights": "The numbers inside a network that training sets.",
    "units": "The small calculators that a network is made of.",
}
