/// Spoils inputs: the same way in every run for the same seed.
struct Mutator {
    private let inputs: [[UInt8]]
    private var random: SeededGenerator

    init(_ inputs: [[UInt8]], seed: UInt64) {
        self.inputs = inputs
        random = SeededGenerator(seed: seed)
    }

    /// What lengths and counts are set to: 2^31 - 1, 2^31 and 2^32 - 1 in big-endian order and as varints, and small ones.
    private static let lengths: [[UInt8]] = [
        [0x7f, 0xff, 0xff, 0xff], [0x80, 0x00, 0x00, 0x00], [0xff, 0xff, 0xff, 0xff], [0x00, 0x00, 0x00, 0x00],
        [0x00, 0x00, 0x08, 0x00], [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x80, 0x80, 0x08],
        [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff], [0x00],
    ]

    /// An input with one to four faults.
    mutating func next() -> [UInt8] {
        var input = inputs[random.below(inputs.count)]
        for _ in 0...random.below(4) { spoil(&input) }
        return input
    }

    private mutating func spoil(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return input.append(UInt8(truncatingIfNeeded: random.next())) }
        let position = random.below(input.count)
        switch random.below(7) {
        case 0: input.removeSubrange(position...)
        case 1: input[position] ^= 1 << UInt8(random.below(8))
        case 2: input[position] = UInt8(truncatingIfNeeded: random.next())
        case 3:
            let length = Self.lengths[random.below(Self.lengths.count)]
            input.replaceSubrange(position..<min(position + length.count, input.count), with: length)
        case 4: input.removeSubrange(position..<min(position + 1 + random.below(8), input.count))
        case 5:
            // Something of the input once more: levels within levels, fields twice.
            let piece = input[position..<min(position + 1 + random.below(16), input.count)]
            input.insert(contentsOf: Array(repeating: piece, count: 1 + random.below(8)).joined(), at: position)
        default:
            let other = inputs[random.below(inputs.count)]
            input = Array(input[..<position] + other[random.below(other.count)...])
        }
    }
}
