import CSystemd

/// Hears from udev of video devices that come.
///
/// One thread uses it. Where there is no udev nothing is heard, and a camera that is away is tried from time to time.
final class HotplugMonitor {
    private let handle: UnsafeMutablePointer<edged_hotplug>

    /// `nil` when the machine has no way to tell.
    init?() {
        var opened: UnsafeMutablePointer<edged_hotplug>?
        guard edged_hotplug_open("video4linux", &opened) == 0, let opened else { return nil }
        handle = opened
    }

    deinit { edged_hotplug_close(handle) }

    /// Readable when there may be news.
    var descriptor: CInt { edged_hotplug_descriptor(handle) }

    /// Whether a device has come or changed since this was last asked.
    func hasNews() -> Bool { edged_hotplug_read(handle) != 0 }
}
