/// Answers of a running daemon, by operation and status; tokens and ids in them are replaced.
enum RecordedExamples {
    /// All of them, as the document takes them in.
    static let answers: JSONObject = {
        var all: JSONObject = [:]
        let texts = [
            analytics,
            authentication,
            clientManagement,
            faceAuthentication,
            faceEnrollment,
            legacyRecognition,
            sessionManagement,
            system,
            webhooks,
        ]
        for text in texts {
            // Text that is not JSON gives no examples; a test sees to it that it is.
            if let part = (try? JSONValue.parse(Array(text.utf8)))?.objectValue { all.merge(part) }
        }
        return all
    }()
}
