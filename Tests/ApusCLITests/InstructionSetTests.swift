import ApusTestSupport
import Foundation
import Testing

/// `APUS_LEVEL` is for all kernels: every level of the CPU gives the same answers, and what is no level is refused.
@Suite struct InstructionSetTests {
    /// A query of words walks lists, collects sums and compares checksums; the plain kernels are the word for all.
    @Test func searchesSayTheSameAtEveryLevel() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = directory + "/index"
        #expect(try CommandLineTool.run("index", "--model", "none", "-o", index).code == 0)
        let refusal = try CommandLineTool.shell("APUS_LEVEL=none \"$0\" stats nowhere").error
        let names =
            refusal.split(separator: "This CPU can run: ").last?.prefix { $0 != "." }.split(separator: ", ") ?? []
        #expect(names.first == "plain")
        var answers: [String] = []
        for name in names {
            let result = try CommandLineTool.shell(
                "export APUS_LEVEL=\(name); \"$0\" check \"$1\" > /dev/null && "
                    + "\"$0\" search \"$1\" 'the whale and the sea of a new world' -k 50 --json",
                index)
            #expect(result.code == 0, "\(name): \(result.error)")
            answers.append(result.output)
        }
        #expect(answers.allSatisfy { $0 == answers[0] && !$0.isEmpty })
    }

    @Test func aLevelThatIsNoneIsRefusedByEveryVerb() throws {
        for arguments in ["stats nowhere", "search nowhere fish", "encode fish"] {
            let result = try CommandLineTool.shell("APUS_LEVEL=avx1024 \"$0\" \(arguments)")
            #expect(result.code == 1 && result.error.contains("APUS_LEVEL is 'avx1024'. This CPU can run: plain"))
        }
    }
}
