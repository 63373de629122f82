"""Which files of tests take longest, so that they are begun first."""

LONGEST_FIRST = (
    "test_training.py",
    "09_train_your_own.ipynb",
)
