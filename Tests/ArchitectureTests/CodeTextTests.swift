import Testing

/// The rules are only as good as the scanner that they look through.
@Suite("The scanner of the architecture tests")
struct CodeTextTests {
    @Test(
        "comments and strings are not code, interpolations are",
        arguments: [
            ("let a = 1 // try! b", "try!", false), ("/* as! /* nested */ as! */ let a = 1", "as!", false),
            ("let a = \"try! { \"", "try!", false), ("let a = \"x \\(try! f(\")\")) y\"", "try!", true),
            ("let a = #\"try! \" as! \"#; as! b", "as! b", true), ("let a = #\"try! \" as! \"#; c", "as!", false),
            ("let a = \"\"\"\n  \" try! \" {\n  \"\"\"\nlet b = as! c", "as! c", true),
            ("let a = \"\"\"\n  \" try! \" {\n  \"\"\"\nlet b = 1", "try!", false),
            ("let a = /try!{/\nlet b = c / d", "try!", false), ("let b = c / d; try! e / f", "try!", true),
            ("let q = \"\\\"\"; try! f()", "try!", true),
        ])
    func blanks(source: String, word: String, isCode: Bool) {
        let code = CodeText(source)
        #expect(code.text.contains(word) == isCode, "\(code.text)")
        #expect(code.text.utf8.count == source.utf8.count)
        #expect(code.lines.count == source.split(separator: "\n", omittingEmptySubsequences: false).count)
    }

    @Test("functions are measured from their declaration to their closing brace")
    func functions() throws {
        let source = """
            struct A {
                let stored = 1
                var computed: Int {
                    if true { return 1 }
                    return 2
                }
                init?(_ x: Int) { return nil }
                func short() -> Int { 1 }
                public static func long(
                    _ a: Int, then: () -> Void = {}
                ) -> Int
                where T: Equatable {
                    then()
                    return "}".count
                }
                deinit {
                    close()
                }
            }
            protocol P {
                func required()
                var value: Int { get }
            }
            """
        let functions = try CodeText(source).swiftFunctions().map { "\($0.name) \($0.firstLine) \($0.lineCount)" }
        #expect(
            functions == ["var computed 3 4", "init? 7 1", "func short 8 1", "func long 9 7", "deinit 16 3"])
    }

    @Test("C functions are measured, structs and enums are not functions")
    func cFunctions() {
        let source = """
            #define X(a) do { a } while (0)
            struct s { int a; };
            static const int t[] = {
                1, 2
            };
            int f(int a)
            {
                if (a) { return '1'; }
                return 2;
            }
            void g(void) { }
            """
        let functions = CodeText(source).cFunctions().map { "\($0.firstLine) \($0.lineCount)" }
        #expect(functions == ["7 4", "11 1"])
    }

    @Test(
        "imports are seen whatever stands before them",
        arguments: [
            ("import A", ["A"]), ("public import A\n@testable import B", ["A", "B"]), ("import struct A.B", ["A"]),
            ("@_spi(X) public import A", ["A"]), ("// import A\nlet a = \"import B\"", []), ("  import A.B", ["A"]),
            ("@preconcurrency internal import func A.f", ["A"]), ("let important = 1", []),
        ] as [(String, Set<String>)])
    func importLines(source: String, modules: Set<String>) throws {
        #expect(try imports(of: SourceFile(path: "x.swift", text: source)) == modules)
    }
}
