typedef i32 T
const T A = 5
const i32 B = A
