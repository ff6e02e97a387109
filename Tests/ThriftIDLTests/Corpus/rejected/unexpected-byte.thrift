# expect: '$' has no meaning here
struct S {} $
