# expect: 'S.T' has a dot: expected a name without
struct S.T { 1: i32 a }
