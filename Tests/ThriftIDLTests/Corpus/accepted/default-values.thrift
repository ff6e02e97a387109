enum E { A }
const i32 K = 9
struct P { 1: i32 x = 1 }
struct S { 1: i32 a = 5, 2: optional bool b = true, 3: required string c = "x", 4: E d = E.A, 5: i32 e = K, 6: P f = {"x": 2}, 7: list<i32> g = [1], 8: map<string, i32> h = {"a": 1} }
