service S { A f(1: B b) }
struct A { 1: i32 a }
union B { 1: i32 b }
