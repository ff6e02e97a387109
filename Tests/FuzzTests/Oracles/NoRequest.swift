import NeedletailWire

/// The request of `ping`, which has none.
struct NoRequest: WireStruct {
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {}

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {}
}
