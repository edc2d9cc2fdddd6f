import ArgumentParser
import CorpusFormats

/// How a folder of documents is read.
struct FolderFlags: ParsableArguments {
    @Flag(help: "Read source code, data (.py .c .json .yaml …) and files without an extension too, as they are.")
    var sourceFiles = false

    @Option(help: "The largest file of a folder that is read; 128MB unless given.", transform: MemorySize.parse)
    var maxFileSize: MemorySize?

    @Option(help: "Seconds after which the conversion of one PDF is given up.")
    var pdfSeconds = FolderOptions().pdfSeconds

    func validate() throws {
        guard pdfSeconds > 0, pdfSeconds < 1e6 else { throw ValidationError("'--pdf-seconds' must be above 0.") }
    }

    /// What the flags ask for.
    var options: FolderOptions {
        var options = FolderOptions()
        options.takesSourceFiles = sourceFiles
        options.pdfSeconds = pdfSeconds
        options.maximumBytes = maxFileSize?.bytes ?? options.maximumBytes
        return options
    }
}
