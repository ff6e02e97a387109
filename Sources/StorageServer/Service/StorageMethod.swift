internal import NeedletailRPC

/// The methods of service `Storage`.
package enum StorageMethod: Int, CaseIterable, Sendable {
    case ping, get, put, remove, multiGet, multiPut, multiRemove, increment, touch, scan

    /// The method called `name`, nil if there is none. Told by length first: one comparison settles it.
    init?(_ name: RawSpan) {
        let candidates: (StorageMethod, StorageMethod?)
        switch name.byteCount {
        case 3: candidates = (.get, .put)
        case 4: candidates = (.ping, .scan)
        case 5: candidates = (.touch, nil)
        case 6: candidates = (.remove, nil)
        case 8: candidates = (.multiGet, .multiPut)
        case 9: candidates = (.increment, nil)
        case 11: candidates = (.multiRemove, nil)
        default: return nil
        }
        if name.equals(candidates.0.name) {
            self = candidates.0
        } else if let other = candidates.1, name.equals(other.name) {
            self = other
        } else {
            return nil
        }
    }

    /// Whether the call is about one key, which is field 1 of its request.
    var hasOneKey: Bool {
        switch self {
        case .get, .put, .remove, .increment, .touch: true
        case .ping, .multiGet, .multiPut, .multiRemove, .scan: false
        }
    }

    /// As the IDL spells it.
    package var name: StaticString {
        switch self {
        case .ping: "ping"
        case .get: "get"
        case .put: "put"
        case .remove: "remove"
        case .multiGet: "multiGet"
        case .multiPut: "multiPut"
        case .multiRemove: "multiRemove"
        case .increment: "increment"
        case .touch: "touch"
        case .scan: "scan"
        }
    }
}
