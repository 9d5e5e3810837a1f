extension EdgeStore {
    /// The name of the store's file in its directory; whoever makes keys looks whether there is one.
    public static var fileName: String { DatabaseFile.name }
}
