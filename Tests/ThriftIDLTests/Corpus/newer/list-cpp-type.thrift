# Written before the element, as for map and set, since Apache 0.18.
struct S { 1: list cpp_type "std::deque" <i32> a }
