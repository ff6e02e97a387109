# Apache accepts a typedef that nobody uses unseen.
# expect: unknown type 'Nothing'
typedef Nothing A
