# expect: these constants are defined by each other in a circle: A → A
const i32 A = A
