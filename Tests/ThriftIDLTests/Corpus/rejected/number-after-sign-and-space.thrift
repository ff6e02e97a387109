# expect: '-' has no meaning here
const i32 A = - 5
