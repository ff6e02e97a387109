# Apache accepts a typedef that nobody uses unseen.
# expect: expected a type, found the service 'S'
service S {}
typedef S T
