struct P { 1: i32 x }
struct S { 1: map<P, i32> a, 2: set<P> b, 3: map<list<i32>, i32> c }
