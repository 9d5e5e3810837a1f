import COpenSSL
import EdgeCore

/// A call into OpenSSL that cannot fail in a sound process failed all the same.
///
/// Says which call and OpenSSL's own reason; never key material.
func cryptoFault(_ call: StaticString) -> EdgeError {
    let code = ERR_get_error()
    ERR_clear_error()
    var text = [CChar](repeating: 0, count: 160)
    ERR_error_string_n(code, &text, text.count)
    let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return EdgeError(.internalFault, "\(call) failed: \(reason)")
}
