struct S { 1: i32 (a = "1") b (c = "2", d; e = '3' f) } (g)
