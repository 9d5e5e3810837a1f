extension Schema {
    /// Templates of more than one model, and the crops that a further model can be fed with.
    static let templatesVersion3 = ""
}
