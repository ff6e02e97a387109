# expect: unknown escape
const string A = "a\x"
