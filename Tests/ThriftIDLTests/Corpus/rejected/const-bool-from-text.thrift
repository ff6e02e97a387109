# expect: expected a value of type bool (true, false, 1 or 0), found the text "true"
const bool A = "true"
