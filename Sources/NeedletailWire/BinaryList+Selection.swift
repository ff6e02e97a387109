extension BinaryList {
    /// The elements at `indices`, in that order, over the same bytes: nothing is copied.
    public func selecting(_ indices: some Collection<Int>) -> BinaryList {
        var selected = BinaryList(in: bytes, minimumCapacity: indices.count)
        for index in indices { selected.slices.append(slices[index]) }
        return selected
    }

    /// The elements of a range, over the same bytes.
    public func selecting(_ range: Range<Int>) -> BinaryList {
        var list = BinaryList(in: bytes, minimumCapacity: 0)
        list.slices = Array(slices[range])
        return list
    }
}
