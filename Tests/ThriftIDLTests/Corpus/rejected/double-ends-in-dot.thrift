# expect: '.' has no meaning here
const double A = 5.
