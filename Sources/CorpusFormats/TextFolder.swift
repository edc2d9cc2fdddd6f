/// The documents of a folder's files, one after another; what cannot be read is passed over and remembered.
final class TextFolder: DocumentSource {
    private(set) var path: String
    private(set) var bytesRead = 0
    /// Files that gave no document.
    private(set) var passedOver: [PassedOverFile]
    /// Files whose letters were guessed.
    private(set) var guesses = FolderGuesses()
    private let folder: DocumentFolder
    private var waiting: ArraySlice<FolderFile>
    /// The folder as it was named.
    private let name: String

    /// - Parameter name: The folder's path as messages shall have it.
    init(_ folder: DocumentFolder, name: String) {
        (self.folder, self.name, path) = (folder, name, name)
        passedOver = folder.unlisted
        waiting = folder.files[...]
    }

    func next() throws(FormatError) -> CorpusDocument? {
        while let file = waiting.popFirst() {
            do throws(FileFault) {
                let (document, guess, bytes) = try folder.document(file)
                path = name + "/" + file.name
                bytesRead += bytes
                guesses.add(file.name, guess)
                return document
            } catch {
                // Ctrl-C is no fault of a file.
                if case .unreadable(.io(_, _, let code)) = error, code == systemInterruption {
                    waiting = [file] + waiting
                    throw .io(path: name + "/" + file.name, operation: "read", code: code)
                }
                passedOver.append(PassedOverFile(name: file.name, fault: error))
                bytesRead += FolderListing.size(folder.path + "/" + file.name)
            }
        }
        return nil
    }
}

/// One file that was asked for by name: whatever is wrong with it is an error.
final class TextFile: DocumentSource {
    let path: String
    /// What its letters were guessed to be, once it is read.
    private(set) var guess: TextEncoding.Guess?
    private(set) var bytesRead = 0
    private var waiting: DocumentKind?
    private let options: FolderOptions

    init(_ path: String, _ kind: DocumentKind, _ options: FolderOptions) {
        (self.path, waiting, self.options) = (path, kind, options)
    }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let kind = waiting else { return nil }
        waiting = nil
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        do throws(FileFault) {
            let content = try FileContent(path: path, name: name, limit: options.maximumBytes)
            let found = try kind.reader(options).read(content)
            bytesRead = content.stamp.size
            guess = found.guess
            return CorpusDocument(id: ExternalID.encoded(path: name), title: found.title, text: found.text, line: 1)
        } catch {
            throw error.asError(path)
        }
    }
}
