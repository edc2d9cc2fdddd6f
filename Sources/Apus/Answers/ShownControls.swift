extension String {
    /// The text with control characters shown (`\u{1B}`) instead of obeyed: ids, titles and texts come from anywhere, and a terminal would
    /// let them move the cursor, change colours or its title.
    /// - Parameters:
    ///   - kept: What may stay, such as the newlines of a text.
    ///   - escape: How a character is shown.
    package func showingControls(
        except kept: Set<Unicode.Scalar> = [], as escape: (Unicode.Scalar) -> String = { $0.escaped(asASCII: true) }
    ) -> String {
        // C0 and DEL are single bytes; C1, U+0080 to U+009F, is 0xC2 and a byte below 0xA0.
        var isAfterC2 = false
        let isPlain = utf8.allSatisfy { byte in
            defer { isAfterC2 = byte == 0xC2 }
            return byte >= 0x20 && byte != 0x7F && !(isAfterC2 && byte < 0xA0)
        }
        if isPlain { return self }
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.properties.generalCategory == .control, !kept.contains(scalar) {
                shown.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown)
    }
}
