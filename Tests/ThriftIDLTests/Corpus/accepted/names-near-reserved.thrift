struct Delete { 1: i32 delete_, 2: i32 uuid, 3: i32 result, 4: i32 Class }
const i32 FROM = 1
