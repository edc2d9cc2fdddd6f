extension UnsafeBufferPointer<UInt32> {
    /// Where a number stands among these, which ascend; nil where it does not.
    /// - Complexity: O(log count).
    func place(ofAscending number: Int) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if unsafe Int(self[middle]) < number { low = middle + 1 } else { high = middle }
        }
        return unsafe low < count && Int(self[low]) == number ? low : nil
    }
}
