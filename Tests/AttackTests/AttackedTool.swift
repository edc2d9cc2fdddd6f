import ApusTestSupport
import Foundation

/// What the preloaded library does to a process; see `Tests/CAttackShim/attack_shim.c`.
struct Attack: Sendable {
    var mode = "count"
    var at = 0
    var code = ""
    /// Letters of the operations that count; empty means all.
    var operations = ""
    /// Folders whose operations count.
    var roots: [String] = []
    /// The file that operations are logged to.
    var log: String?
    /// Run as a user who may read and nothing else.
    var isReader = false

    static let reader = Attack(isReader: true)

    fileprivate var environment: [String: String] {
        var values = [
            "LD_PRELOAD": AttackedTool.shim, "APUS_ATTACK_MODE": mode, "APUS_ATTACK_AT": "\(at)",
            "APUS_ATTACK_ERRNO": code,
            "APUS_ATTACK_OPS": operations, "APUS_ATTACK_ROOT": roots.joined(separator: ":"),
        ]
        if let log { values["APUS_ATTACK_LOG"] = log }
        if isReader, geteuid() == 0 { values["APUS_ATTACK_UID"] = "65534" }
        return values
    }
}

/// How a process ended and what it said.
struct Ending: Sendable, CustomStringConvertible {
    enum How: Sendable, Equatable { case exit(Int32), signal(Int32), hang }
    var how: How
    var output: String
    var error: String

    var isDone: Bool { how == .exit(0) }

    /// The lines of standard error that are neither notes nor warnings nor a mode's name nor timings.
    var complaints: [Substring] {
        error.split(whereSeparator: { $0 == "\n" || $0 == "\r" }).filter { line in
            !["note:", "warning:", "apus-", "Indexed "].contains { line.hasPrefix($0) } && !line.contains("topics in")
        }
    }

    var description: String {
        let said = error.trimmingCharacters(in: .whitespacesAndNewlines).replacingOccurrences(of: "\n", with: " | ")
        return "\(how), said '\(said.prefix(400))'"
    }
}

/// Runs the binary under attack: `APUS_BINARY`, or the one beside the test bundle.
enum AttackedTool {
    private static let directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

    static let path = ProcessInfo.processInfo.environment["APUS_BINARY"] ?? built("apus")
    static let shim = built("libapusattack.so")

    private static func built(_ name: String) -> String {
        let beside = directory + "/" + name
        return FileManager.default.fileExists(atPath: beside) ? beside : TestPaths.root + "/.build/debug/" + name
    }

    /// Runs the tool to its end, or kills it after `timeout` seconds.
    static func run(_ arguments: [String], _ attack: Attack? = nil, input: String? = nil, timeout: Double = 60)
        -> Ending
    {
        run(program: path, arguments, attack, input: input, timeout: timeout)
    }

    /// Runs a shell script in which `$APUS` is the tool; `arguments` are `$1`, `$2`, …
    static func shell(_ script: String, _ arguments: [String] = [], timeout: Double = 60) -> Ending {
        run(program: "/bin/bash", ["-c", script, "attack"] + arguments, nil, input: nil, timeout: timeout)
    }

    private static func run(
        program: String, _ arguments: [String], _ attack: Attack?, input: String?, timeout: Double
    ) -> Ending {
        guard let process = try? RunningTool(program: program, arguments, attack, input: input) else {
            return Ending(how: .exit(127), output: "", error: "cannot start \(program)")
        }
        return process.wait(timeout: timeout)
    }

    /// Starts the tool and does not wait.
    static func start(_ arguments: [String], _ attack: Attack? = nil, input: String? = nil) throws -> RunningTool {
        try RunningTool(program: path, arguments, attack, input: input)
    }

    fileprivate static func environment(_ attack: Attack?) -> [String] {
        var values = ["APUS": path, "SWIFT_BACKTRACE": "enable=no", "LC_ALL": "C.UTF-8"]
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"] {
            if let value = ProcessInfo.processInfo.environment[name] { values[name] = value }
        }
        values.merge(attack?.environment ?? [:]) { $1 }
        return values.map { "\($0)=\($1)" }
    }
}

/// A process that may be waited for or killed.
final class RunningTool {
    let processIdentifier: pid_t
    private let directory: String

    init(program: String, _ arguments: [String], _ attack: Attack?, input: String?) throws {
        // Files, not pipes: a full pipe would stop the tool.
        directory = try TestPaths.temporaryDirectory()
        if let input { try Data(input.utf8).write(to: URL(fileURLWithPath: directory + "/in")) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let source = input == nil ? "/dev/null" : directory + "/in"
        unsafe posix_spawn_file_actions_addopen(&actions, 0, source, O_RDONLY, 0)
        for (number, name) in [(Int32(1), "out"), (2, "err")] {
            unsafe posix_spawn_file_actions_addopen(
                &actions, number, directory + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] =
            unsafe AttackedTool.environment(attack).map { unsafe strdup($0) }
        unsafe environment.append(nil)
        defer {
            for place in unsafe words.indices { unsafe free(words[place]) }
            for place in unsafe environment.indices { unsafe free(environment[place]) }
        }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, nil, &words, &environment)
        guard code == 0 else { throw CocoaError(.executableNotLoadable) }
        processIdentifier = process
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var isRunning: Bool {
        var info = unsafe siginfo_t()
        return unsafe waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0
            && info.si_signo == 0
    }

    func wait(timeout: Double = 60) -> Ending {
        let deadline = Date().addingTimeInterval(timeout)
        var status: Int32 = 0
        var isHanging = false
        while unsafe waitpid(processIdentifier, &status, WNOHANG) == 0 {
            if !isHanging, Date() > deadline {
                isHanging = true
                kill(processIdentifier, SIGKILL)
            }
            usleep(500)
        }
        func text(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: directory + "/" + name) ?? Data(), as: UTF8.self)
        }
        let signal = status & 0x7f
        return Ending(
            how: isHanging ? .hang : signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal), output: text("out"),
            error: text("err"))
    }
}
