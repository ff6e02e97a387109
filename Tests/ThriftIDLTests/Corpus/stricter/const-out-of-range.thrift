# Apache checks the kind of a value, not its range.
# expect: expected a value of type i8 (-128 to 127), found the number 128
const i8 A = 128
