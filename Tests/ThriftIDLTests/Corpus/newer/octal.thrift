# From thriftgo.
const i32 A = 0o17
