//! A class's state without the runtime's checks for exclusive access.
//!
//! The runtime notes each access to an array or a struct in an object while it lasts, and looks whether another one overlaps
//! it: some 75 instructions each time, which were an eighth of what a synced put took outside of the kernel. State that
//! every call changes stands in one of these instead.
//!
//! Unsafe inside: the value lies in memory that this allocates and frees. Sound where the owner sees to two things. All accesses
//! are one thread's, or happen under one lock. And none begins while another lasts, unless both only read: so what is called
//! while the value is changed must not come back to it. Owners keep it to their own type, and change it in one statement, whose
//! closures, where it has any, reach nothing but what they are given.

/// A value that its owner alone reads and changes, without being checked.
@safe
public struct Confined<Value: ~Copyable>: ~Copyable {
    @usableFromInline let place: UnsafeMutablePointer<Value>

    @inlinable
    public init(_ value: consuming Value) {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: value)
    }

    @inlinable
    deinit {
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    // By address: coroutines (`_read`, `_modify`) of a type that is generic over what cannot be copied are not specialised.
    @inlinable
    public var value: Value {
        @_transparent unsafeAddress { unsafe UnsafePointer(place) }
        @_transparent nonmutating unsafeMutableAddress { unsafe place }
    }
}
