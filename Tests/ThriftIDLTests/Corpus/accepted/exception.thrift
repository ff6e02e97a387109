exception X { 1: string why, 2: i32 code = 5 } (note = "x")
