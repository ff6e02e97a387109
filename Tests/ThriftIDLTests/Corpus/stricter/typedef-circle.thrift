# Apache accepts a typedef that nobody uses unseen.
# expect: these typedefs are defined by each other in a circle: B → A → B
typedef A B
typedef B A
