import Testing
@Suite("x") struct X { @Test("a b") func x() {} }
