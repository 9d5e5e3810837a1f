import EdgeCore

extension DaemonConfiguration {
    /// Cameras that belong together, each with its table for what is wrong; an infrared camera gets its role.
    static func paired(_ cameras: [(section: ConfigSection, camera: Camera)]) -> [Camera] {
        let names = Set(cameras.map(\.camera.name))
        checkRoles(cameras)
        var owners: [String: String] = [:]
        for (section, camera) in cameras {
            guard let infrared = camera.infrared else { continue }
            if let problem = pairProblem(of: camera, with: infrared, among: cameras.map(\.camera), owners[infrared]) {
                section.problem("infrared", problem)
            }
            if names.contains(infrared), owners[infrared] == nil { owners[infrared] = camera.name }
        }
        return cameras.map { _, camera in
            var camera = camera
            if owners[camera.name] != nil { camera.role = CameraStatus.infraredRole }
            return camera
        }
    }

    private static func pairProblem(
        of camera: Camera, with infrared: String, among cameras: [Camera], _ owner: String?
    ) -> String? {
        guard infrared != camera.name else { return "a camera is not its own infrared camera" }
        guard let partner = cameras.first(where: { $0.name == infrared }) else {
            return "no [[cameras]] has the name \"\(infrared)\""
        }
        if camera.role == CameraStatus.infraredRole { return "an infrared camera (role \"ir\") has none beside it" }
        if partner.infrared != nil { return "\"\(infrared)\" has an infrared camera itself" }
        if let role = partner.role, role != CameraStatus.infraredRole {
            return "\"\(infrared)\" has the role \"\(role)\": sessions take their frames from it"
        }
        return owner.map { "\"\(infrared)\" is beside \"\($0)\" already" }
    }

    /// Sessions ask for a camera by name or role, so it must be clear which one is meant; infrared cameras they never ask for.
    private static func checkRoles(_ cameras: [(section: ConfigSection, camera: Camera)]) {
        var roles: Set<String> = []
        for (section, camera) in cameras {
            guard let role = camera.role, role != CameraStatus.infraredRole else { continue }
            if !roles.insert(role).inserted { section.problem("role", "\"\(role)\" is used twice") }
            if cameras.contains(where: { $0.camera.name == role && $0.camera.name != camera.name }) {
                section.problem("role", "\"\(role)\" is the name of another camera")
            }
        }
        for (section, camera) in cameras where camera.name == CameraStatus.infraredRole {
            guard !cameras.contains(where: { $0.camera.infrared == camera.name }),
                camera.role != CameraStatus.infraredRole
            else { continue }
            section.problem("name", "\"ir\" is the role of infrared cameras: no session could ask for it")
        }
    }
}
