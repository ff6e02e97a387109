internal import NeedletailWire
internal import StorageAPI

/// What all requests on one key have in common, read without retaining the message: enough for `get`, and to look ahead.
struct KeyedRequest: WireStruct {
    private static let fields = FieldTable(("key", 1), ("context", 255))

    /// Where the key lies in the message.
    let key: Range<Int>
    let context: RequestContext?

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: Range<Int>?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinaryRange()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
        self.context = context
    }

    /// Never sent: the place of a key means nothing in another message.
    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        preconditionFailure("a view of a request is not sent")
    }
}
