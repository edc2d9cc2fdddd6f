import Foundation

extension QuerySide {
    /// The side that `apus.json` in a model's folder asks for, for a model whose encoder is better at documents than at queries:
    ///
    ///     {"query_side": "inference-free"}
    /// - Throws: ``EncoderError/unsupported(path:kind:name:known:)`` for a side that the model does not have.
    static func preferred(by files: ModelFiles, of sides: [QuerySide]) throws(EncoderError) -> QuerySide? {
        guard let bytes = try files.bytes(HeadSettings.fileName) else { return nil }
        let file = try JSONFile(bytes)
        guard let name = try file.text("query_side") else { return nil }
        guard let side = QuerySide(rawValue: name), sides.contains(side) else {
            throw file.unsupported("query_side", name, known: sides.map(\.rawValue))
        }
        return side
    }
}
