//! One key as a sequence of calls would leave it: the specification that histories are held against. No I/O, no time; a
//! key here never expires.

/// What the key holds. A value, so that a search can keep many.
struct Register: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var value: String
        var version: Version
    }

    enum Version: Hashable, Sendable {
        case told(Int64)
        /// No answer has told it yet; it is larger than this one.
        case above(Int64)
    }

    private(set) var entry: Entry?
    /// The largest version that was told of this key; every further write has a larger one.
    private(set) var versionMax: Int64 = .min

    /// The register after `call`; nil if it cannot have given `answer` here.
    /// - Parameter answer: nil: none came. A call that would have changed nothing gives nil then, too: that it never took
    ///   effect says the same.
    func after(_ call: StoreCall, _ answer: StoreAnswer?) -> Register? {
        var next = self
        let isPossible =
            if let answer { next.apply(call, answer) } else { next.apply(call) && next != self }
        return isPossible ? next : nil
    }

    /// The register as this one is, where versions were given up to that of `other`.
    func following(versionsOf other: Register) -> Register {
        var next = self
        next.versionMax = max(versionMax, other.versionMax)
        return next
    }

    // MARK: Calls that were answered

    private mutating func apply(_ call: StoreCall, _ answer: StoreAnswer) -> Bool {
        switch (call, answer) {
        case (.get, .read(let read)):
            guard let read else { return entry == nil }
            return entry?.value == read.value && holds(read.version)
        case (.put(_, let value, _, let condition), .written(let stored, let version)):
            return value == stored && allows(condition) && write(value, version)
        case (.put(_, _, _, let condition), .notApplied(let version)):
            return refuses(condition, version)
        case (.increment(_, let delta), .written(let stored, let version)):
            return sum(delta) == stored && write(stored, version)
        case (.remove, .done(let wasThere)):
            defer { entry = nil }
            return wasThere == (entry != nil)
        case (.touch(_, nil), .done(let wasThere)):
            // It gives a new version, which the answer does not tell.
            entry?.version = .above(versionMax)
            return wasThere == (entry != nil)
        default:
            preconditionFailure("a call on one key that never expires, and its answer: \(call), \(answer)")
        }
    }

    private mutating func write(_ value: String, _ version: Int64) -> Bool {
        guard version > versionMax else { return false }
        entry = Entry(value: value, version: .told(version))
        versionMax = version
        return true
    }

    /// Whether the entry may have this version; it has it since.
    private mutating func holds(_ version: Int64) -> Bool {
        switch entry?.version {
        case .told(let told): return told == version
        case .above(let bound) where version > bound:
            entry?.version = .told(version)
            versionMax = max(versionMax, version)
            return true
        default: return false
        }
    }

    private mutating func allows(_ condition: PutCondition) -> Bool {
        switch condition {
        case .always: true
        case .ifAbsent, .ifVersion(0): entry == nil
        case .ifVersion(let version): holds(version)
        }
    }

    private mutating func refuses(_ condition: PutCondition, _ version: Int64?) -> Bool {
        guard condition != .always else { return false }
        if case .ifVersion(version) = condition { return false }
        guard let version else { return entry == nil && condition != .ifAbsent && condition != .ifVersion(0) }
        return holds(version)
    }

    private func sum(_ delta: Int64) -> String? { Int64(entry?.value ?? "0").map { "\($0 + delta)" } }

    // MARK: Calls that were not

    /// - Returns: false if the call would have changed nothing.
    private mutating func apply(_ call: StoreCall) -> Bool {
        switch call {
        case .put(_, let value, _, let condition):
            guard allows(condition) else { return false }
            entry = Entry(value: value, version: .above(versionMax))
        case .increment(_, let delta):
            guard let sum = sum(delta) else { return false }
            entry = Entry(value: sum, version: .above(versionMax))
        case .remove: entry = nil
        case .touch: entry?.version = .above(versionMax)
        case .get: return false
        case .putTogether, .multiRemove: preconditionFailure("a call on one key")
        }
        return true
    }
}
