const i8 A = -128
const i16 B = 0x7fff
const i32 C = +5
const i64 D = -9223372036854775808
const i64 E = -0x1F
const i32 F = 007
