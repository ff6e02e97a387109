# A type since Apache 0.18, which refuses this.
# expect: 'uuid' is a type by itself
typedef string uuid
