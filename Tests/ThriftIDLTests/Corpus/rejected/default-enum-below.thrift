# expect: the type 'E' is defined only below, at line 3
struct S { 1: E e = E.A }
enum E { A }
