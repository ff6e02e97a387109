const map<string, i32> A = {"a": 1, "b": 2; "c": 3 "d": 4}
const map<i32, i32> B = {}
const map<i32, map<i32, bool>> C = {1: {2: true}}
