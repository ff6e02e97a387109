# Apache takes every number for a bool.
# expect: expected a value of type bool (true, false, 1 or 0), found the number 2
const bool A = 2
