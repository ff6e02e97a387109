import NIOCore
import NeedletailWire
import StorageAPI

/// Keys and values of tests are text.
extension ByteBuffer {
    var text: String { String(buffer: self) }
}

extension KeyPlacement {
    /// The first `count` keys of the form `prefix0`, `prefix1` … that server `index` has.
    func keys(of index: Int, count: Int, prefix: String = "key") -> [String] {
        var keys: [String] = []
        var number = 0
        while keys.count < count {
            let key = "\(prefix)\(number)"
            if server(of: ByteBuffer(string: key)) == index { keys.append(key) }
            number += 1
        }
        return keys
    }
}

extension Entry {
    init(_ key: String, _ value: String) {
        self.init(key: ByteBuffer(string: key), value: ByteBuffer(string: value))
    }
}

extension MultiGetResponse {
    var allStatuses: [KeyStatus] { (0..<statuses.readableBytes).map(status(at:)) }
    var texts: [String?] { (0..<statuses.readableBytes).map { value(at: $0)?.text } }
}

extension MultiPutResponse {
    var allStatuses: [KeyStatus] { (0..<statuses.readableBytes).map(status(at:)) }
}
