public import NeedletailWire

extension ThriftBinaryWriter: MessageWriter {
    @inlinable
    public static var format: RPCFormat { .thriftBinary }

    @inlinable
    public var mark: ByteWriter.Mark { bytes.mark }

    @inlinable
    public mutating func rewind(to mark: ByteWriter.Mark) { bytes.rewind(to: mark) }

    @inlinable
    public var byteCount: Int { bytes.byteCount }

    @inlinable
    public mutating func beginCall(_ id: UInt32, _ method: StaticString, isOneway: Bool) {
        writeHead(isOneway ? .oneway : .call, name: method, sequenceID: Int32(bitPattern: id))
    }

    @inlinable
    public mutating func beginArguments(count: Int) -> StructScope { beginStruct(fieldCount: count) }

    @inlinable
    public mutating func argument(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        field(&scope, id, name, type)
    }

    @inlinable
    public mutating func absentArgument() {}

    @inlinable
    public mutating func endArguments() { endStruct() }

    @inlinable
    public mutating func beginResult(_ head: AnswerHead, _ type: WireType) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 0, "success", type)
    }

    @inlinable
    public mutating func endResult() { endStruct() }

    @inlinable
    public mutating func writeNoResult(_ head: AnswerHead) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        _ = beginStruct(fieldCount: 0)
        endStruct()
    }

    @inlinable
    public mutating func beginError(_ head: AnswerHead, _ id: Int16, _ name: StaticString, isOnly: Bool) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, id, name, .structure)
    }

    @inlinable
    public mutating func endError() { endStruct() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        writeHead(.exception, name: head.method, sequenceID: Int32(bitPattern: head.id))
        refusal.applicationException.encode(to: &self)
    }
}

extension ThriftCompactWriter: MessageWriter {
    @inlinable
    public static var format: RPCFormat { .thriftCompact }

    @inlinable
    public var mark: ByteWriter.Mark { bytes.mark }

    @inlinable
    public mutating func rewind(to mark: ByteWriter.Mark) { bytes.rewind(to: mark) }

    @inlinable
    public var byteCount: Int { bytes.byteCount }

    @inlinable
    public mutating func beginCall(_ id: UInt32, _ method: StaticString, isOneway: Bool) {
        writeHead(isOneway ? .oneway : .call, name: method, sequenceID: Int32(bitPattern: id))
    }

    @inlinable
    public mutating func beginArguments(count: Int) -> StructScope { beginStruct(fieldCount: count) }

    @inlinable
    public mutating func argument(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        field(&scope, id, name, type)
    }

    @inlinable
    public mutating func absentArgument() {}

    @inlinable
    public mutating func endArguments() { endStruct() }

    @inlinable
    public mutating func beginResult(_ head: AnswerHead, _ type: WireType) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 0, "success", type)
    }

    @inlinable
    public mutating func endResult() { endStruct() }

    @inlinable
    public mutating func writeNoResult(_ head: AnswerHead) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        _ = beginStruct(fieldCount: 0)
        endStruct()
    }

    @inlinable
    public mutating func beginError(_ head: AnswerHead, _ id: Int16, _ name: StaticString, isOnly: Bool) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, id, name, .structure)
    }

    @inlinable
    public mutating func endError() { endStruct() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        writeHead(.exception, name: head.method, sequenceID: Int32(bitPattern: head.id))
        refusal.applicationException.encode(to: &self)
    }
}
