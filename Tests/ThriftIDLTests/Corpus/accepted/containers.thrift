struct S { 1: list<i32> a, 2: set<string> b, 3: map<string, list<set<map<i32, binary>>>> c }
