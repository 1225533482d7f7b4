"""Every sentence that `check` says, and that stands around exercises, beside those of the exercises themselves."""

from minisoftmax.language import text

__all__ = ["text"]

# Names of exercises
UNKNOWN = "name must be one of {names}, got {name}"
DID_YOU_MEAN = "{unknown} (did you mean {close}?)"

# The first line
RIGHT = "✓ {name}: right."
WRONG = "✗ {name}: not yet."
NOT_TRIED = "Not tried yet: {name}."
FILL_IN = "Put your answer in place of the ... and run the cell again."
FILL_IN_THE_REST = "A part of the answer is still missing: fill in each ... and run the cell again."

# The icons, in words
ICON_RIGHT = "right"
ICON_WRONG = "not yet"
ICON_NOT_TRIED = "not tried yet"

# The names of the lines
YOURS = "yours"
EXPECTED = "expected"
EMPTY = "[] (shape {shape})"
HINT = "hint"

# Values
THOUSANDS = ","
TOO_SMALL = "Your value is too small."
TOO_LARGE = "Your value is too large."
COMPARED_TOO_SMALL = "The {compared} is {value}, which is too small."
COMPARED_TOO_LARGE = "The {compared} is {value}, which is too large."
PART_RIGHT = "{part} is right"
PART_TOO_SMALL = "{part} is too small"
PART_TOO_LARGE = "{part} is too large"
PART_WRONG = "{part} is not right"
NONE_OF_THE_OPTIONS = "Each answer is one of {options}."
CHOICE_WRONG = "It is another one."
VALUE_IS_FUNCTION = "A value is asked for, and this is a function. Call it, and pass what it returns."
FUNCTION_IS_VALUE = "A function is asked for. Pass the function itself, by its name: it is called as {answer}."
VALUE_IS_NONE = "This is None: no value at all. Does a function that you called print instead of returning?"
VALUE_IS_TEXT = "This is text. Write the number alone, without quotes, and with a decimal point: 2.5."
VALUE_IS_TRUTH = "This is a truth value, and a number is asked for."
VALUE_IS_COMPLEX = "This is a complex number, and a real one is asked for."
VALUE_IS_NAN = "This is NaN, not a number: something like 0 / 0, inf − inf or the logarithm of a negative number."
VALUE_IS_INFINITE = "This is infinite, and the answer is finite: something overflowed, or was divided by 0."
VALUE_IS_OTHER = "A number is asked for, and this is of type {type}."
DECIMAL_COMMA = "Python takes this for two numbers. Write one, with a decimal point: {value}."
ONE_VALUE = "One number is asked for: give it by itself. Yours is of type {type}."
FLAT_VALUES = "{expected} numbers are asked for, one after the other. Yours have the shape {shape}."
MANY_VALUES = "{expected} numbers are asked for, and you gave {count}."
MANY_NAMED_VALUES = "{expected} numbers are asked for, in this order: {names}. You gave {count}."

# Functions: facts
RIGHT_ON_SOME = "It is right on {right} of {all} inputs. This is the first on which it is not."
RAISED = "Your function raised an error on this input."
STOPPED = "It was stopped before it ended. {answer} takes no time: does a loop in it come to its end?"
ARGUMENTS = "Your function is called as {answer}, and does not take these arguments."
OVERFLOW_ERROR = "A number became too large for Python. Arrange the formula so that no exponent is above 0."
AXIS_ERROR = "The input has fewer axes here than your code expects. The last one is axis=-1, however many there are."
LOG_ERROR = "The logarithm of 0 or of a negative number was taken. What should such an entry contribute?"
TRUTH_ERROR = "A whole array is neither true nor false: use & for and, | for or, np.where for if, or .any() or .all()."
PARENTHESES = "Put each condition in parentheses: (a > b) & (a < c). Without them, & comes before >."
GENERATOR = "It gives its numbers one by one, as yield and ( … for … ) do. Put them into an array, and return that."
COROUTINE = "An async function only promises an answer. Write def without async."
MASKED = "The masked entries have no value. Give each one, for a 0 by .filled(0)."
NAME_ERROR = "A name is not known. Is it misspelled, or defined in a cell, or a branch, that has not been run?"
IN_LINE = "{error} (in line {line}: {code})"
UNREADABLE = "Numbers are asked for, and what your function returned has something else in it, of type {type}."
MUTATED = "The numbers are right, but your function changed its input {name}, which the caller still needs."
MUTATED_HINT = "Work on a new array: x = x - 1 makes one, while x -= 1, x[…] = …, x.sort() and out=x change x itself."
RETURNED_NONE = "None came back. Is there a return at the end of your function, and of each branch?"
RETURNED_LIST = "The numbers are right, and your function returned a {type}. Return a NumPy array, for callers to use."
RETURNED_TYPE = "Numbers are asked for, and your function returned the type {type}."
RETURNED_ARRAY_OF = "Numbers are asked for, and your array has the dtype {type}."
RETURNED_ONE = "A single number is asked for, and yours is of type {type} and of shape {shape}."
RETURNED_PARTS = "{expected} values are asked for, and you returned {count}."
WANTS_BOOLEANS = "Right values, but booleans are asked for, and yours are {type}: as a mask they mean something else."
WANTS_INDICES = "The values are right, but integers are asked for, and yours are {type}. (// divides integers.)"
WANTS_NUMBERS = "Numbers are asked for, and yours are booleans."
SHAPES = "Shape {expected} is expected, and yours is {shape}."
HAS_NAN = "NaN came out, as it does from inf − inf, inf / inf, 0 / 0 or 0 · inf. In which step does it begin?"
HAS_INF = "An infinity came out. Take the steps on this input: where does the first inf appear?"

# Functions: what is seen on every input that fails
ROWS = "Yours is right for a single row. Here are several, each by itself: work along the last axis."
SIGN = "The sign is turned: minus yours is right."
LOG10 = "Yours times log 10 is right: a logarithm to base 10 stands where the natural one, np.log, belongs."
LOG2 = "Yours times log 2 is right: a logarithm to base 2 stands where the natural one, np.log, belongs."
PERCENT = "Yours is 100 times the right number, as a percentage is."
COMPLEMENT = "One minus yours is right."
INVERTED = "True and False are turned around."
ONE_OVER = "One over yours is right."
ROUNDED = "Yours is right to {digits} decimals. All digits are asked for: is something rounded, or a step too coarse?"
NEAR = "Yours is off by less than 1 % wherever it is wrong. More digits are asked for: {digits} are enough."
WHOLE = "Yours are whole numbers: something drops the decimals, as int, // and arrays of integers do."
TRANSPOSED = "Yours is the transpose of what is asked for."
ORDER = "The values are right, in another order: give {names}."
REVERSED = "The values are right, in the reverse order."
ANOTHER_ORDER = "Your function takes its arguments in another order: it is called as {answer}."
SWAPPED = "Yours is right with {first} and {second} in each other's place. It is called as {answer}."
EXPONENTIAL = "The exponential of yours is right: np.exp is missing at the end."
LOGARITHM = "The logarithm of yours is right: np.log is missing at the end."

# On the pages of the book
PAGE_CHECK = "Check"
PAGE_FORGET = "Forget my answer"
PAGE_HINT = "Hint"
PAGE_EXAMPLE = "An example"
PAGE_SOLUTION = "Show solution"
PAGE_CHOOSE = "choose"

# Around an exercise, and in exams
ONE_MINUTE = "1 minute"
MINUTES = "{minutes} minutes"
EXAM = "Exam {seed}"
EXAM_INTRODUCTION = (
    "{count} exercises, {minutes} minutes. Put your answer in place of the `...`, and run the cell. "
    "Where a function is asked for, only its code counts."
)
EXAM_SOLUTIONS = "Solutions of exam {seed}"
EXAM_GRADING = "To grade an answer, put it in place of the solution, and run the cell."
