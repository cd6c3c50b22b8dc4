"""All that the lesson teaches and that the app did not teach, or hid, before it had steps."""

EXERCISES = tuple(f"exercise {number}" for number in range(1, 13))
TRY_ITS = (
    "try-it: change the dataset",
    "try-it: kill the activations",
    "try-it: deliberate leakage",
)
STRETCH_GOALS = ("stretch: width", "stretch: weight decay", "stretch: early stopping")
ABSENT = (
    "regression against classification",
    "the five-step workflow",
    "targets as class indices, one-hot not needed",
    "why the last layer gives logits and not softmax",
    "argmax of logits = argmax of probabilities, softmax for confidence only",
    "the three tensors before training",
    "what healthy and ill curves look like",
    "bce-with-logits as sigmoid and bce in one stable step",
    "the shape (n, 1)",
    "pandas and any code of the heart and capstone models",
    "a look at the rows first",
    "tensordataset and dataloader",
    "shuffling and why",
    "the lesson's goals and order",
)
HIDDEN = (
    "exercises 1-8 and the try-its",
    "exercise 6 without its matrix",
    "the word linear",
    "exercise 10 in two unlinked places and without an answer",
    "11 and 12 ending in a count and in",
    "that the picture can be clicked",
    "that probabilities sum to 1",
    "untrained = random",
    "one output a class",
    "what loss is, what accuracy is, that they disagree",
    "which loss and target belong to one logit and to two",
    "float32 and int64",
    "sigmoid > 0.5 and logit > 0",
    "zero_grad, forward, backward, step",
    "train() and eval()",
    "the circles recipe",
    "batch",
    "seeds",
    "numerical against categorical",
    "class balance",
    "standardise and encode",
    "fit on training rows only",
    "the leakage try-it under its name",
    "what dropout and weight decay do",
    "the unknown category",
)
# What a place of the page or a script covers, and no step has to.
ELSEWHERE = {
    "pandas and any code of the heart and capstone models": "Show the code, heart and capstone",
    "tensordataset and dataloader": "Show the code, heart",
    "exercises 1-8 and the try-its": "the exercises beside the stage",
    "exercise 6 without its matrix": "the matrix under the network",
    "the circles recipe": "choosing a data set offers the lesson's network",
    "the lesson's goals and order": "the list of all steps",
}
ITEMS = (*EXERCISES, *TRY_ITS, *STRETCH_GOALS, *ABSENT, *HIDDEN)
