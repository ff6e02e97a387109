struct A { 1: B b, 2: E e, 3: T t }
struct B { 1: i32 a }
enum E { X }
typedef i32 T
