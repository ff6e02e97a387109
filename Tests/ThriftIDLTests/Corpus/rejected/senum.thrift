# expect: 'senum' is no longer supported
senum S { "a", "b" }
