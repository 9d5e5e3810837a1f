import EdgeAPI
import EdgeCore

extension SocketPlan.Address: CustomStringConvertible {
    /// As a configuration has it.
    var description: String {
        switch self {
        case .inet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        case .other: "a socket of another kind"
        }
    }
}

extension SocketPlan.Refusal: CustomStringConvertible {
    /// What systemd passes and why that cannot be.
    var description: String {
        let passed = "systemd passes \(socket.address) as \"\(socket.name)\""
        switch fault {
        case .notListening: return "\(passed), which is no stream socket that listens."
        case .noListener: return "\(passed), and no such listener is configured."
        case .elsewhere(let wanted): return "\(passed), and that listener is configured to be at \(wanted.address)."
        case .secondOf(let name): return "\(passed), and the listener \(name.rawValue) has another socket already."
        case .tooOpen(let name):
            let mode = name == .control ? "SocketMode=0600, of root" : "SocketMode=0660"
            return "\(passed), whose file others may open, or which is not there: the listener needs \(mode)."
        }
    }
}

extension SocketPlan {
    /// Throws `http.socket.unfit` where a socket was refused.
    func check() throws(EdgeError) {
        guard !refused.isEmpty else { return }
        throw EdgeError(.socketUnfit, refused.map(\.description).joined(separator: "\n"))
    }
}
