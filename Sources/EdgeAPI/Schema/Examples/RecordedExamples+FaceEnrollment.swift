// Written by scripts/record-examples.
extension RecordedExamples {
    static let faceEnrollment = #"""
        {"auth_enrollment_create 201":{"enrollment_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000005","expires_at":\#
        "2026-03-02T08:15:00Z","frame_source":"upload","message":\#
        "Enrollment session created. Stream frames to continue.","session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000004","session_token":"<session_token>","status":"pending",\#
        "target_samples":3,"websocket_url":"ws://127.0.0.1:8080/ws/auth/process-image/<session_token>/"},\#
        "auth_enrollments_create 201":{"anti_spoofing_score":null,"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002",\#
        "client_user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","completed_at":null,"consent":null,"created_at":\#
        "2026-03-02T08:15:00Z","embedding_dimension":128,"embedding_vector":null,"enrollment_session":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000009","expires_at":"2026-03-02T08:15:00Z","external_user_id":"alice",\#
        "face_bbox":null,"face_image_path":null,"face_landmarks":null,"face_quality_score":null,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000008","liveness_score":null,"message":\#
        "Enrollment session created. Stream frames to continue.","metadata":{},"sample_number":2,"session_token":\#
        "<session_token>","status":"pending","target_samples":3,"total_samples":3,"updated_at":\#
        "2026-03-02T08:15:00Z","websocket_url":"ws://127.0.0.1:8080/ws/auth/process-image/<session_token>/"},\#
        "auth_enrollments_list 200":{"count":2,"next":null,"previous":null,"results":[{"anti_spoofing_score":null,\#
        "client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003",\#
        "completed_at":null,"consent":null,"created_at":"2026-03-02T08:15:00Z","embedding_dimension":128,\#
        "embedding_vector":null,"enrollment_session":"5f0c2a1e-7b3d-4c6a-9e8f-000000000009","expires_at":null,\#
        "external_user_id":"alice","face_bbox":null,"face_image_path":null,"face_landmarks":null,\#
        "face_quality_score":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000008","liveness_score":null,"metadata":{},\#
        "sample_number":2,"status":"cancelled","total_samples":0,"updated_at":"2026-03-02T08:15:00Z"},\#
        {"anti_spoofing_score":null,"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","completed_at":"2026-03-02T08:15:00Z","consent":{"given_at":null,\#
        "given_by":null,"method":"paper","recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":\#
        "2026-01"},"created_at":"2026-03-02T08:15:00Z","embedding_dimension":128,"embedding_vector":null,\#
        "enrollment_session":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004","expires_at":null,"external_user_id":"alice",\#
        "face_bbox":null,"face_image_path":null,"face_landmarks":null,"face_quality_score":0.8324,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000005","liveness_score":null,"metadata":{},"sample_number":1,"status":\#
        "active","total_samples":3,"updated_at":"2026-03-02T08:15:00Z"}]},"auth_enrollments_retrieve 200":\#
        {"anti_spoofing_score":null,"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","completed_at":null,"consent":null,"created_at":\#
        "2026-03-02T08:15:00Z","embedding_dimension":128,"embedding_vector":null,"enrollment_session":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000009","expires_at":null,"external_user_id":"alice","face_bbox":null,\#
        "face_image_path":null,"face_landmarks":null,"face_quality_score":null,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000008","liveness_score":null,"metadata":{},"sample_number":2,"status":\#
        "cancelled","total_samples":0,"updated_at":"2026-03-02T08:15:00Z"}}
        """#
}
