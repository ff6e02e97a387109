struct P { 1: i32 x, 2: optional string s, 3: list<i32> l }
const P A = {"x": 1, "l": [1, 2]}
const map<string, P> B = {"a": {"x": 1}, "b": {}}
