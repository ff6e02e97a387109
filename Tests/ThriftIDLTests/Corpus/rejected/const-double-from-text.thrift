# expect: expected a value of type double, found the text "5"
const double A = "5"
