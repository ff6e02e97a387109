exception X { 1: i32 a }
typedef X Y
service S { void f() throws (1: Y y) }
