# expect: these constants are defined by each other in a circle: A → B → A
const i32 A = B
const i32 B = A
