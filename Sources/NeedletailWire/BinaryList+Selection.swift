extension BinaryList {
    /// The elements at `indices`, in that order, over the same bytes: nothing is copied.
    public func selecting(_ indices: some Collection<Int>) -> BinaryList {
        var selected = BinaryList(in: bytes, minimumCapacity: indices.count)
        for index in indices { selected.slices.append(slices[index]) }
        return selected
    }
}
