struct S { 1: map cpp_type "std::map" <i32, i32> a, 2: set cpp_type "std::set" <i32> b, 3: list<i32> cpp_type "std::deque" c }
