internal import NIOCore
internal import NeedletailWire

/// What all requests on one key have in common: the key is field 1. Enough to look ahead.
struct KeyedRequest: WireStruct {
    private static let fields = FieldTable(("key", 1))

    let key: ByteBuffer

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            if field.id == 1, field.holds(.binary) { key = try reader.readBinary() } else { try reader.skip(field) }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1)
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        writer.endStruct()
    }
}
