# expect: unknown type 'Nothing'
const Nothing A = 1
