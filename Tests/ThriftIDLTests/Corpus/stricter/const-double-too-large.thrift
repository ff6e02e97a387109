# Apache makes it infinite.
# expect: 1e999 is too large for a double
const double A = 1e999
