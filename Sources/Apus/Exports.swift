// What a client needs of the modules below: `import Apus` is enough to build, search, explain and evaluate.
// Whole modules, because the members of a type come into sight with the import of its module, not with an alias of its name.
@_exported import ByteStrings
@_exported import CorpusFormats
@_exported import FileStorage
@_exported import InvertedIndex
@_exported import JSONScanning
@_exported import LearnedEncoder
@_exported import RetrievalEvaluation
@_exported import TextAnalysis
