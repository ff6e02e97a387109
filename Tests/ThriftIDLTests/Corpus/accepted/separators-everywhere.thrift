enum E { A; B, }
struct S { 1: i32 a; 2: i32 b, }
service V { void f(1: i32 a; 2: i32 b,); void g(), }
const i32 C = 1;
typedef i32 T,
