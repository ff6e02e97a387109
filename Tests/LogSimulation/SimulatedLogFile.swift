internal import WriteAheadLog

/// An open file in memory. It stays the same file when it is renamed or removed.
final class SimulatedLogFile: LogFile {
    let name: String
    private let number: Int
    private let state: SimulatedState
    private let isWritable: Bool

    init(_ name: String, _ number: Int, _ state: SimulatedState, isWritable: Bool) {
        self.name = name
        self.number = number
        self.state = state
        self.isWritable = isWritable
    }

    func size() throws(LogStorageError) -> Int {
        try state.call(.size, name) { state in state.disk[file: number].cached.size }
    }

    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(LogStorageError) -> Int {
        let image = try state.call(.read, name) { state in state.disk[file: number].cached }
        let count = min(max(0, image.size - offset), bytes.byteCount)
        unsafe bytes.withUnsafeMutableBytes { bytes in
            let written = image.bytes.dropFirst(offset).prefix(count)
            unsafe bytes.copyBytes(from: written)
            for index in written.count..<count { unsafe bytes[index] = 0 }
        }
        return count
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(LogStorageError) {
        let bytes = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        let writePart = { [number] (state: inout SimulatedState.Values) in
            let count = Int.random(in: 0...bytes.count, using: &state.faults.generator)
            state.write(bytes.prefix(count), at: offset, of: number)
        }
        try state.call(.write, name, fail: writePart, stop: writePart) { state throws(LogStorageError) in
            try checkWritable(.write)
            let count = state.room(for: offset + bytes.count, of: number) - offset
            state.write(bytes.prefix(count), at: offset, of: number)
            if count < bytes.count { throw .simulated(.write, name, SimulatedFaults.noSpace) }
        }
    }

    func syncData() throws(LogStorageError) {
        state.withLock { state in state.latch }?.hold()
        try state.call(
            .sync, name, fail: { state in state.disk[file: number].failSync(&state.faults.generator) }
        ) { state in
            if !state.isLying { state.disk[file: number].sync() }
        }
    }

    func allocate(_ size: Int) throws(LogStorageError) {
        try state.call(.allocate, name) { state throws(LogStorageError) in
            try checkWritable(.allocate)
            guard state.room(for: size, of: number) >= size else {
                throw .simulated(.allocate, name, SimulatedFaults.noSpace)
            }
            state.disk[file: number].resize(to: size)
            state.disk[file: number].reserved = size
        }
    }

    func truncate(to size: Int) throws(LogStorageError) {
        try state.call(.truncate, name) { state throws(LogStorageError) in
            try checkWritable(.truncate)
            state.disk[file: number].resize(to: size)
            state.disk[file: number].reserved = min(state.disk[file: number].reserved, size)
        }
    }

    private func checkWritable(_ operation: LogStorageError.Operation) throws(LogStorageError) {
        if !isWritable { throw .simulated(operation, name, 9) }
    }
}

extension SimulatedState.Values {
    /// The greatest end, up to `end`, that a file can have on the disk.
    fileprivate func room(for end: Int, of number: Int) -> Int {
        let reserved = disk[file: number].reserved
        if end <= reserved || disk.capacity == .max { return end }
        return min(end, max(reserved, reserved + disk.capacity - disk.usedBytes))
    }

    fileprivate mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int, of number: Int) {
        guard !bytes.isEmpty else { return }
        disk[file: number].write(Array(bytes), at: offset)
        disk[file: number].reserved = max(disk[file: number].reserved, offset + bytes.count)
    }
}
