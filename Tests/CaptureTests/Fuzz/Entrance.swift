import CaptureTesting
import Foundation

/// Which target this process tries: `EDGED_FUZZ_TARGET`.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["EDGED_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else { stop("EDGED_FUZZ_TARGET names no target: \(name)") }
    return target
}()

/// Called before anything is tried; with `EDGED_FUZZ_SEEDS` it writes seeds into that directory instead, made of the pictures
/// below `EDGED_TESTDATA`.
@_cdecl("LLVMFuzzerInitialize")
public func prepare(
    _ count: UnsafeMutablePointer<CInt>?, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    guard let folder = environment["EDGED_FUZZ_SEEDS"] else { return 0 }
    do {
        try writeSeeds(into: URL(filePath: folder), from: URL(filePath: environment["EDGED_TESTDATA"] ?? ".testdata"))
    } catch {
        stop("The seeds cannot be made: \(error)")
    }
    exit(0)
}

/// Takes one input; a broken promise ends the process, as a crash does.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let broken = target.take(Array(UnsafeBufferPointer(start: bytes, count: count))) { fatalError(broken) }
    return 0
}

/// Every twelfth picture of each piece of footage: those between are much the same.
private func writeSeeds(into folder: URL, from data: URL) throws {
    let files = FileManager.default
    let pictures = try files.contentsOfDirectory(atPath: data.path).sorted().flatMap { name -> [URL] in
        let footage = data.appending(path: name)
        let names = (try? files.contentsOfDirectory(atPath: footage.path)) ?? []
        let jpegs = names.filter { $0.hasSuffix(".jpg") }.sorted()
        return stride(from: 0, to: jpegs.count, by: 12).map { footage.appending(path: jpegs[$0]) }
    }
    guard !pictures.isEmpty else { stop("There are no pictures in \(data.path): run scripts/setup first") }
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let seeds = try FuzzSeeds.make(target, from: pictures.map { Array(try Data(contentsOf: $0)) })
    for (index, seed) in seeds.enumerated() {
        try Data(seed).write(to: folder.appending(path: "seed-\(index)"))
    }
}

private func stop(_ text: String) -> Never {
    FileHandle.standardError.write(Data("capture-fuzz: \(text)\n".utf8))
    exit(2)
}
