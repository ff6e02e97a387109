# expect: this text has no end: expected " before the end of the line
const string A = "abc
const i32 B = 1
