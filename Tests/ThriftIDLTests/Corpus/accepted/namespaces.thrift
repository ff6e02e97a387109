namespace * all
namespace cpp a.b.c
namespace py.twisted x.y (note = "z")
struct S { 1: i32 a }
