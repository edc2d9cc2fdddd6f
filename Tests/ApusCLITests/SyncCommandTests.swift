import ApusTestSupport
import Foundation
import Testing

/// `apus sync` as a person meets it.
@Suite struct SyncCommandTests {
    @Test func aFolderIsIndexedAndSynced() throws {
        let place = try TestPaths.temporaryDirectory()
        let (folder, index) = (place + "/notes", place + "/index")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        try write("page.html", "<title>Owls</title><p>They hunt at night.")
        try write("main.py", "owl = 1")
        let built = try CommandLineTool.run("index", folder, "-o", index, "--model", "none")
        #expect(built.code == 0 && built.error.contains("--source-files takes 1 of them."))
        // Who builds again is told what takes over changes.
        let again = try CommandLineTool.run("index", folder, "-o", index, "--model", "none")
        #expect(again.code == 1 && again.error.contains("'apus sync FOLDER \(index)'"))

        try write("new.md", "# New\n\nfox")
        let dry = try CommandLineTool.run("sync", folder, index, "--dry-run")
        #expect(dry.output == "+ new.md\n'\(folder)': 1 new, 0 changed, 0 gone, 1 as they were. Nothing was written.\n")
        let done = try CommandLineTool.run("sync", folder, index, "--source-files", "--json")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any])
        #expect(report["added"] as? Int == 2 && report["unchanged"] as? Int == 1 && report["documents"] as? Int == 3)
        let found = try CommandLineTool.run("search", index, "owls", "--filter", #"file.kind = "html""#, "--json")
        #expect(found.output.contains("page.html") && !found.output.contains("main.py"))

        try FileManager.default.removeItem(atPath: folder)
        let missing = try CommandLineTool.run("sync", folder, index)
        #expect(missing.code == 1 && missing.error.contains("does not exist"))
        #expect(try CommandLineTool.run("sync", folder, index, "--vectors").code == 2)
    }
}
