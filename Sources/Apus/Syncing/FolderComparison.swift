import ByteStrings
import CorpusFormats
import InvertedIndex

/// What differs between a folder and what an index holds of it.
struct FolderComparison {
    /// The folder as it is.
    let folder: DocumentFolder
    /// The commit that it was compared with; 0 for none.
    let generation: Int
    /// Documents of the folder in the index.
    let indexed: Int
    /// Files without a document.
    private(set) var new: [FolderFile] = []
    /// Files that are not as their documents are.
    private(set) var changed: [FolderFile] = []
    /// Files that are gone.
    private(set) var gone: [FolderFile] = []
    /// Files as they were.
    private(set) var unchanged = 0
    /// Those of them that had to be read to know it.
    private(set) var reread = 0
    /// Files that cannot be read now, so that their documents stay.
    private(set) var staying: [PassedOverFile] = []
    /// Files whose ids are taken by documents from elsewhere.
    private(set) var taken: [PassedOverFile] = []

    /// Compares.
    ///
    /// - Parameters:
    ///   - snapshot: The index; nil where there is none yet.
    ///   - formerly: Where the folder was when it was indexed, if it moved.
    /// - Throws: `FormatError` when the folder cannot be listed; `IndexError` when a document cannot be read.
    /// - Complexity: One look at each file, one row of the texts for each document; files whose size or time changed are read.
    init(
        _ path: String, _ options: FolderOptions, formerly: String?, _ snapshot: IndexSnapshot?,
        isCancelled: () -> Bool
    ) throws {
        let place = DocumentFolder.resolved(path)
        let origins = try snapshot.map { try Self.origins($0, in: [place, formerly].compactMap { $0 }) } ?? []
        // What is indexed is read on whatever the options say.
        let known = origins.map { FolderFile(name: $0.path, kind: $0.kind) }
        folder = try DocumentFolder(path, options: options, known: known)
        generation = snapshot?.generation ?? 0
        indexed = origins.count
        for (origin, file) in zip(origins, known) {
            if isCancelled() { return }
            do throws(FileFault) {
                guard let found = try folder.isUnchanged(origin) else {
                    gone.append(file)
                    continue
                }
                if found.wasRead, found.isSame { reread += 1 }
                // The document says where its folder is.
                if found.isSame, ByteString(origin.folder) == ByteString(place) {
                    unchanged += 1
                } else {
                    changed.append(file)
                }
            } catch {
                staying.append(PassedOverFile(name: origin.path, fault: error))
            }
        }
        let names = Set(known.map { ByteString($0.name) })
        for file in folder.files where !names.contains(ByteString(file.name)) {
            if let snapshot, snapshot.contains(file.id) {
                taken.append(PassedOverFile(name: file.name, fault: .idTaken(file.id)))
            } else {
                new.append(file)
            }
        }
    }

    /// Where the documents of a folder came from, in the order of their paths' bytes.
    private static func origins(_ snapshot: IndexSnapshot, in folders: [String]) throws -> [FileOrigin] {
        let folders = Set(folders.map { ByteString($0) })
        let documents = DocumentStore(snapshot)
        var reader = FileOrigin.Reader()
        var origins: [FileOrigin] = []
        for view in snapshot.views {
            for docid in 0..<UInt32(view.segment.documents) where view.documents?.contains(docid) ?? true {
                let stored = try documents.text(of: view.segment, docid: Int(docid))
                guard let origin = reader.origin(in: stored.metadata), folders.contains(ByteString(origin.folder)),
                    // A document that was given another id is somebody else's.
                    ByteString(FolderFile(name: origin.path, kind: origin.kind).id)
                        == ByteString(view.segment.externalID(docid))
                else { continue }
                origins.append(origin)
            }
        }
        return origins.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}
