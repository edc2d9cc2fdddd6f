import Apus
import ApusServer
import ArgumentParser
import Foundation

/// `apus mcp`
struct MCPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Be a tool of an agent: the Model Context Protocol on standard input and output.",
        discussion: """
            The agent's program starts it, for example as {"command": "apus", "args": ["mcp", "Indexes/tour"]}. Tools: search, get, \
            explain, similar and stats; none of them changes an index. INDEX is called by its folder's last name.
            """)

    @Argument(help: "The index directories.", completion: .directory)
    var indexes: [String]

    @OptionGroup var indexFlags: IndexFlags

    func run() throws {
        let session = AgentSession(
            try indexes.map { (name: URL(fileURLWithPath: $0).lastPathComponent, index: try indexFlags.open($0)) })
        while let line = readLine() {
            guard !line.allSatisfy(\.isWhitespace), let answer = session.answer(to: line) else { continue }
            try StandardOutput.print(answer)
            try StandardOutput.flush()
        }
    }
}
