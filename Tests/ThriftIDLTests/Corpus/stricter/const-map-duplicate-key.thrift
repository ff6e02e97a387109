# Apache keeps one of them.
# expect: the text "a" is a key already
const map<string, i32> A = {"a": 1, "a": 2}
