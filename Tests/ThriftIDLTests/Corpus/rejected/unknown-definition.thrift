# expect: expected a definition, found 'message'
message M { 1: i32 a }
