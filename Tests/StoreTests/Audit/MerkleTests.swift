import EdgeCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Merkle tree")
struct MerkleTests {
    private let hash = MerkleHash(PublicProofChecker())

    /// The inputs and roots that implementations of RFC 6962 are commonly held against.
    private static let inputs: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], Array(0x40...0x43), Array(0x50...0x57), Array(0x60...0x6F),
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("has the known roots at every size from 0 to 8, also when its edge is kept and read between the leaves")
    func known() throws {
        var edge = MerkleEdge()
        #expect(hexadecimal(try edge.root(hash)) == Self.roots[0])
        for (input, root) in zip(Self.inputs, Self.roots.dropFirst()) {
            try edge.append(hash.leaf(input), hash)
            #expect(hexadecimal(try edge.root(hash)) == root)
            edge = try #require(MerkleEdge(bytes: edge.bytes))
        }
        #expect(edge.size == 8 && edge.bytes.count == 8 + 32)
    }

    @Test("an edge that was cut, lengthened or counted wrong is none")
    func damaged() throws {
        var edge = MerkleEdge()
        for input in Self.inputs.prefix(7) { try edge.append(hash.leaf(input), hash) }
        #expect(MerkleEdge(bytes: edge.bytes.dropLast()) == nil)
        #expect(MerkleEdge(bytes: edge.bytes + [0]) == nil)
        #expect(MerkleEdge(bytes: [0, 0, 0, 0, 0, 0, 0, 8] + edge.bytes.dropFirst(8)) == nil)
        #expect(MerkleEdge(bytes: [0xFF] + edge.bytes.dropFirst()) == nil)
        #expect(MerkleEdge(bytes: []) == nil)
    }

    /// The root by the recursive definition of RFC 6962, which the edge does not use.
    private func root(_ leaves: ArraySlice<[UInt8]>) throws -> [UInt8] {
        guard leaves.count > 1 else { return try leaves.first ?? hash.empty() }
        var left = 1
        while left * 2 < leaves.count { left *= 2 }
        let middle = leaves.startIndex + left
        return try hash.node(root(leaves[..<middle]), root(leaves[middle...]))
    }

    private func leaves(_ count: Int) throws -> [[UInt8]] { try (0..<count).map { try hash.leaf([UInt8($0)]) } }

    private func path(_ ranges: [Range<Int64>], _ leaves: [[UInt8]]) throws -> [[UInt8]] {
        try ranges.map { try root(leaves[Int($0.lowerBound)..<Int($0.upperBound)]) }
    }

    @Test("every leaf of every size up to 40 is proven, and by no other leaf, place, size or shortened path")
    func inclusion() throws {
        let all = try leaves(41)
        for size in 1...40 {
            let whole = try root(all[..<size])
            for index in 0..<size {
                let ranges = InclusionProof.ranges(index: Int64(index), size: Int64(size))
                let hashes = try path(ranges, Array(all[..<size]))
                func proves(_ leaf: [UInt8], at index: Int, of size: Int, _ path: [[UInt8]]) throws -> Bool {
                    try InclusionProof(index: Int64(index), size: Int64(size), path: path).root(leaf: leaf, hash)
                        == whole
                }
                #expect(try proves(all[index], at: index, of: size, hashes))
                #expect(try !proves(all[index + 1], at: index, of: size, hashes))
                #expect(try !proves(all[index], at: index ^ 1, of: size, hashes) || size == 1)
                #expect(try !proves(all[index], at: index, of: size, hashes + [whole]))
                if !hashes.isEmpty { #expect(try !proves(all[index], at: index, of: size, hashes.dropLast())) }
            }
        }
        #expect(InclusionProof.ranges(index: 5, size: 5).isEmpty && InclusionProof.ranges(index: -1, size: 5).isEmpty)
        #expect(try InclusionProof(index: 3, size: 3, path: []).root(leaf: all[0], hash) == nil)
    }

    @Test("every pair of sizes up to 40 is proven to be appended to, and no tree with an exchanged leaf is")
    func consistency() throws {
        let all = try leaves(40)
        for second in 1...40 {
            let later = try root(all[..<second])
            for first in 1...second {
                let earlier = try root(all[..<first])
                let ranges = ConsistencyProof.ranges(first: Int64(first), second: Int64(second))
                let hashes = try path(ranges, Array(all[..<second]))
                let proof = ConsistencyProof(first: Int64(first), second: Int64(second), path: hashes)
                #expect(try proof.holds(first: earlier, second: later, hash))
                var other = all
                other[first - 1] = all[(first + 7) % 40]
                #expect(try !proof.holds(first: root(other[..<first]), second: later, hash))
                #expect(try !proof.holds(first: earlier, second: root(other[..<second]), hash))
                let long = ConsistencyProof(first: Int64(first), second: Int64(second), path: hashes + [later])
                #expect(try !long.holds(first: earlier, second: later, hash))
            }
        }
        #expect(try !ConsistencyProof(first: 0, second: 1, path: []).holds(first: [], second: all[0], hash))
        #expect(try !ConsistencyProof(first: 2, second: 1, path: []).holds(first: [], second: all[0], hash))
    }
}
