# expect: the type 'P' is defined only below, at line 3
struct S { 1: P p = {"x": 1} }
struct P { 1: i32 x }
