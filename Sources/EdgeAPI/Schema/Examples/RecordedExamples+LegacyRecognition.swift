// Written by scripts/record-examples.
extension RecordedExamples {
    static let legacyRecognition = #"""
        {"recognition_attempts_list 200":{"count":3,"next":null,"previous":null,"results":[{"anti_spoofing_score":\#
        null,"confidence_score":null,"created_at":"2026-03-02T08:15:00Z","face_quality_score":null,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000007","ip_address":"127.0.0.1","liveness_score":null,\#
        "matched_external_user_id":null,"matched_user_id":null,"metadata":{},"result":"failed","session_token":\#
        null,"similarity_score":null,"user_agent":null},{"anti_spoofing_score":null,"confidence_score":1.0,\#
        "created_at":"2026-03-02T08:15:00Z","face_quality_score":0.8324,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000c","ip_address":"127.0.0.1","liveness_score":null,\#
        "matched_external_user_id":"alice","matched_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","metadata":{},\#
        "result":"success","session_token":null,"similarity_score":1.0,"user_agent":null}]},\#
        "recognition_attempts_retrieve 200":{"anti_spoofing_score":null,"confidence_score":null,"created_at":\#
        "2026-03-02T08:15:00Z","face_quality_score":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000007","ip_address":\#
        "127.0.0.1","liveness_score":null,"matched_external_user_id":null,"matched_user_id":null,"metadata":{},\#
        "result":"failed","session_token":null,"similarity_score":null,"user_agent":null},\#
        "recognition_embeddings_list 200":{"count":2,"next":null,"previous":null,"results":[{"anti_spoofing_score":\#
        null,"client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","created_at":"2026-03-02T08:15:00Z",\#
        "display_name":"Alice Example","external_user_id":"alice","face_image_path":null,"face_quality_score":null,\#
        "id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000008","liveness_score":null,"metadata":{},"sample_number":2,"status":\#
        "cancelled","total_samples":0,"updated_at":"2026-03-02T08:15:00Z"},{"anti_spoofing_score":null,\#
        "client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","created_at":"2026-03-02T08:15:00Z","display_name":\#
        "Alice Example","external_user_id":"alice","face_image_path":null,"face_quality_score":0.8324,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000005","liveness_score":null,"metadata":{},"sample_number":1,"status":\#
        "active","total_samples":3,"updated_at":"2026-03-02T08:15:00Z"}]},"recognition_embeddings_retrieve 200":\#
        {"anti_spoofing_score":null,"client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","created_at":\#
        "2026-03-02T08:15:00Z","display_name":"Alice Example","external_user_id":"alice","face_image_path":null,\#
        "face_quality_score":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000008","liveness_score":null,"metadata":{},\#
        "sample_number":2,"status":"cancelled","total_samples":0,"updated_at":"2026-03-02T08:15:00Z"},\#
        "recognition_sessions_list 200":{"count":5,"next":null,"previous":null,"results":\#
        [{"client_user_display_name":"Alice Example","client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003",\#
        "client_user_profile_image":null,"completed_at":"2026-03-02T08:15:00Z","created_at":"2026-03-02T08:15:00Z",\#
        "expires_at":"2026-03-02T08:15:00Z","external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000009",\#
        "ip_address":"127.0.0.1","metadata":{},"session_token":null,"session_type":"enrollment","status":\#
        "cancelled","user_agent":null},{"client_user_display_name":null,"client_user_id":null,\#
        "client_user_profile_image":null,"completed_at":"2026-03-02T08:15:00Z","created_at":"2026-03-02T08:15:00Z",\#
        "expires_at":"2026-03-02T08:15:00Z","external_user_id":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000007",\#
        "ip_address":"127.0.0.1","metadata":{},"session_token":null,"session_type":"identification","status":\#
        "cancelled","user_agent":null}]},"recognition_sessions_retrieve 200":{"client_user_display_name":\#
        "Alice Example","client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","client_user_profile_image":null,\#
        "completed_at":"2026-03-02T08:15:00Z","created_at":"2026-03-02T08:15:00Z","expires_at":\#
        "2026-03-02T08:15:00Z","external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000009","ip_address":\#
        "127.0.0.1","metadata":{},"session_token":null,"session_type":"enrollment","status":"cancelled",\#
        "user_agent":null}}
        """#
}
