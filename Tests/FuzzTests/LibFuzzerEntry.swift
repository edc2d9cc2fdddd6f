import Glibc

/// What libFuzzer calls for every input; the environment variable APUS_FUZZ names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target?.run([UInt8](UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let target: FuzzTarget? = {
    guard let name = getenv("APUS_FUZZ").map({ String(cString: $0) }), let target = FuzzTarget(rawValue: name) else {
        print("APUS_FUZZ must be one of " + FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))
        exit(2)
    }
    return target
}()
