struct S { 1: i32 a (delete = "x", api.get = "/a/b") }
