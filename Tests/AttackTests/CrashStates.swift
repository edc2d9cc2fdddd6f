import ApusTestSupport
import Foundation

/// What a file system may hold after power is lost, rebuilt from the log of a run.
///
/// A file's bytes are safe once the file was synced, a name once its folder was. Of anything else any part may have reached
/// the disk: nothing, all, some names and not others, some pages of a file and not others, a torn page, or a length
/// without its bytes. (What one file system promises beyond this another does not.)
struct CrashStates {
    /// Files by path below the root; nil stands for a folder.
    typealias Tree = [String: Data?]

    private enum Change { case write(Int, Data), truncate(Int) }

    private final class Node {
        let isFolder: Bool
        var durable = Data()
        var pending: [Change] = []
        var current = Data()

        init(isFolder: Bool = false, _ data: Data = Data()) {
            self.isFolder = isFolder
            durable = data
            current = data
        }

        func change(_ change: Change) {
            pending.append(change)
            CrashStates.apply(change, to: &current)
        }
    }

    private struct NameChange {
        var parent: String
        var sets: [(path: String, node: Node?)]
    }

    /// How much of what is not safe survives.
    enum Loss: Hashable {
        case all, bytes, names, zeros, torn
        case random(UInt64)
        static func kinds(_ random: Int) -> [Loss] {
            [.all, .bytes, .names, .zeros, .torn] + (0..<random).map { .random(UInt64($0)) }
        }
    }

    private let root: String
    private var durableNames: [String: Node] = [:]
    private var names: [String: Node] = [:]
    private var pendingNames: [NameChange] = []
    private var descriptors: [Int: Node] = [:]

    /// Starts from a tree that is all on disk.
    init(_ tree: Tree, root: String) {
        self.root = root
        for (path, data) in tree { names[path] = data.map { Node($0) } ?? Node(isFolder: true) }
        durableNames = names
    }

    /// A folder's files and folders; links are left out.
    static func tree(_ root: String) -> Tree {
        var tree: Tree = [:]
        for path in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }) ?? [] {
            var status = stat()
            guard unsafe lstat(root + "/" + path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: tree[path] = .some(nil)
            case S_IFREG: tree[path] = FileManager.default.contents(atPath: root + "/" + path) ?? Data()
            default: continue
            }
        }
        return tree
    }

    /// Takes the next operation of the log. Returns whether it changed anything.
    mutating func apply(_ entry: OperationLog.Entry) -> Bool {
        guard entry.result >= 0, let path = local(entry.path) else { return false }
        switch entry.operation {
        case "create":
            let node = entry.created == 1 ? Node() : names[path] ?? Node()
            if entry.created == 1 { rename([(path, node)]) }
            if entry.created == 2, !node.current.isEmpty { node.change(.truncate(0)) }
            descriptors[entry.result] = node
        case "open":
            descriptors[entry.result] = path.isEmpty ? Node(isFolder: true) : names[path]
            return false
        case "write": descriptors[entry.descriptor]?.change(.write(entry.offset, entry.data))
        case "truncate": descriptors[entry.descriptor]?.change(.truncate(entry.offset))
        case "sync":
            guard let node = descriptors[entry.descriptor] else { return false }
            if node.isFolder {
                for change in pendingNames where change.parent == path {
                    for set in change.sets { durableNames[set.path] = set.node }
                }
                pendingNames.removeAll { $0.parent == path }
            } else {
                node.durable = node.current
                node.pending = []
            }
        case "mkdir": rename([(path, Node(isFolder: true))])
        case "unlink", "rmdir": rename([(path, nil)])
        case "rename":
            guard let to = local(entry.second), let node = names[path] else { return false }
            rename([(path, nil), (to, node)])
        case "link":
            guard let to = local(entry.second), let node = names[path] else { return false }
            rename([(to, node)])
        default: return false
        }
        return true
    }

    private mutating func rename(_ sets: [(path: String, node: Node?)]) {
        for set in sets { names[set.path] = set.node }
        pendingNames.append(NameChange(parent: (sets[0].path as NSString).deletingLastPathComponent, sets: sets))
    }

    private func local(_ path: String) -> String? {
        path == root ? "" : path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }

    /// What is found after the power came back.
    func tree(after loss: Loss, seed: UInt64) -> Tree {
        var random = SplitMix64(seed: seed)
        if case .random(let number) = loss { random = SplitMix64(seed: seed &* 1000 &+ number) }
        var found = durableNames
        for change in pendingNames {
            let survives =
                switch loss {
                case .all, .names: false
                case .bytes, .zeros, .torn: true
                case .random: Bool.random(using: &random)
                }
            if survives { for set in change.sets { found[set.path] = set.node } }
        }
        var tree: Tree = [:]
        for (path, node) in found.sorted(by: { $0.key < $1.key }) {
            var parent = (path as NSString).deletingLastPathComponent
            var isReachable = true
            while !parent.isEmpty {
                if found[parent]?.isFolder != true { isReachable = false }
                parent = (parent as NSString).deletingLastPathComponent
            }
            if isReachable { tree[path] = node.isFolder ? .some(nil) : .some(Self.bytes(of: node, loss, &random)) }
        }
        return tree
    }

    private static func bytes(of node: Node, _ loss: Loss, _ random: inout SplitMix64) -> Data {
        if node.pending.isEmpty { return node.durable }
        switch loss {
        case .all, .bytes: return node.durable
        case .names: return node.current
        case .zeros: return node.durable + Data(count: max(0, node.current.count - node.durable.count))
        case .torn:
            var data = node.durable
            let kept = Int.random(in: 0..<node.pending.count, using: &random)
            for change in node.pending.prefix(kept) { apply(change, to: &data) }
            if case .write(let offset, let bytes) = node.pending[kept], !bytes.isEmpty {
                apply(.write(offset, bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))), to: &data)
            }
            return data
        case .random:
            var data = node.durable
            for change in node.pending {
                guard case .write(let offset, let bytes) = change else {
                    if Bool.random(using: &random) { apply(change, to: &data) }
                    continue
                }
                for start in stride(from: 0, to: bytes.count, by: 512) where Bool.random(using: &random) {
                    apply(.write(offset + start, bytes.dropFirst(start).prefix(512)), to: &data)
                }
            }
            return data
        }
    }

    private static func apply(_ change: Change, to data: inout Data) {
        switch change {
        case .truncate(let length):
            data = length <= data.count ? data.prefix(length) : data + Data(count: length - data.count)
        case .write(let offset, let bytes):
            if data.count < offset + bytes.count { data += Data(count: offset + bytes.count - data.count) }
            data.replaceSubrange(data.startIndex + offset..<data.startIndex + offset + bytes.count, with: bytes)
        }
    }

    /// Writes a tree into a new folder.
    static func write(_ tree: Tree, to root: String) throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, data) in tree.sorted(by: { $0.key < $1.key }) {
            if let data {
                try data.write(to: URL(fileURLWithPath: root + "/" + path))
            } else {
                try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
            }
        }
    }
}
