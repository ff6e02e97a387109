//! Gives addresses the names of the functions that they are in. Reads each file once, for all addresses in it; what it
//! found is forgotten with it.

struct Symbolizer {
    private let map = MemoryMap.current()

    func profile(_ samples: [Stack: Int], threadNames: [Int32: String], lost: Int) -> StackProfile {
        let names = names(of: samples.keys)
        var lines: [StackProfile.Line: Int] = [:]
        for (stack, count) in samples {
            let line = StackProfile.Line(
                thread: threadNames[stack.thread] ?? ProcessThreads.name(of: stack.thread),
                frames: frames(stack, names).reversed(), count: 0)
            lines[line, default: 0] += count
        }
        return StackProfile(
            lines: lines.map { StackProfile.Line(thread: $0.key.thread, frames: $0.key.frames, count: $0.value) },
            lost: lost)
    }

    func threads(_ threads: [Int32], _ stacks: [Stack]) -> [ThreadStack] {
        let names = names(of: stacks)
        let byThread = Dictionary(stacks.map { ($0.thread, $0) }) { first, _ in first }
        return threads.map { thread in
            ThreadStack(
                id: thread, name: ProcessThreads.name(of: thread),
                frames: byThread[thread].map { frames($0, names) })
        }
    }

    /// A call returns behind itself, maybe to the next function: what called is a byte before.
    private func places(_ stack: Stack) -> some Sequence<UInt64> {
        stack.frames.enumerated().lazy.map { $0 == 0 ? $1 : $1 &- 1 }
    }

    private func frames(_ stack: Stack, _ names: [UInt64: String]) -> [String] {
        places(stack).map { names[$0] ?? "[unknown]" }
    }

    private func names(of stacks: some Sequence<Stack>) -> [UInt64: String] {
        var byPath: [String: [UInt64: UInt64]] = [:]
        var names: [UInt64: String] = [:]
        // Nil: it is no such file, or cannot be read.
        var files: [String: ElfFile?] = [:]
        for place in Set(stacks.flatMap { Array(places($0)) }) {
            guard let mapping = map.mapping(of: place) else { continue }
            names[place] = "[\(mapping.fileName)]"
            let file: ElfFile?
            if let known = files[mapping.path] {
                file = known
            } else {
                file = ElfFile(path: mapping.readablePath)
                files.updateValue(file, forKey: mapping.path)
            }
            guard let address = file?.address(ofFileOffset: place - mapping.start &+ mapping.fileOffset)
            else { continue }
            byPath[mapping.path, default: [:]][place] = address
        }
        var demangled: [String: String] = [:]
        for (path, addresses) in byPath {
            let functions = files[path]??.functions(at: addresses.values.sorted()) ?? [:]
            for (place, address) in addresses {
                guard let symbol = functions[address] else { continue }
                let name = demangled[symbol] ?? FrameName.readable(symbol)
                demangled[symbol] = name
                names[place] = name
            }
        }
        return names
    }
}
