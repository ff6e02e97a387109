# expect: 0x7fffffffffffffffff does not fit 64 bits
const i64 A = 0x7fffffffffffffffff
