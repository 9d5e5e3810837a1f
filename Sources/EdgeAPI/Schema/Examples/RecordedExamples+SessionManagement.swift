// Written by scripts/record-examples.
extension RecordedExamples {
    static let sessionManagement = #"""
        {"auth_sessions_cancel_create 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_id":\#
        "FR_0123456789ABCDEF","client_user":null,"client_user_info":null,"completed_at":"2026-03-02T08:15:00Z",\#
        "completed_samples":0,"created_at":"2026-03-02T08:15:00Z","error":"The session was cancelled.",\#
        "expires_at":"2026-03-02T08:15:00Z","frame_source":"upload","frames_processed":0,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000007","ip_address":"127.0.0.1","liveness_score":null,"liveness_verified":\#
        false,"message":"The session was cancelled.","metadata":{},"quality_score":null,"reason":\#
        "session.cancelled","requires_more_frames":false,"result":"failure","session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000007","session_status":"cancelled","session_token":"<session_token>",\#
        "session_type":"identification","status":"cancelled","success":false,"target_samples":3,"user_agent":null},\#
        "auth_sessions_destroy 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_id":\#
        "FR_0123456789ABCDEF","client_user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","client_user_info":\#
        {"display_name":"Alice Example","external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003",\#
        "is_enrolled":true,"profile_image_url":null},"completed_at":"2026-03-02T08:15:00Z","completed_samples":0,\#
        "created_at":"2026-03-02T08:15:00Z","enrollment_complete":false,"enrollment_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000008","enrollment_progress":0.0,"enrollment_status":"cancelled","error":\#
        "The session was cancelled.","expires_at":"2026-03-02T08:15:00Z","frame_source":"upload",\#
        "frames_processed":0,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000009","ip_address":"127.0.0.1","liveness_score":\#
        null,"liveness_verified":false,"message":"The session was cancelled.","metadata":{},"quality_score":null,\#
        "reason":"session.cancelled","requires_more_frames":false,"session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000009","session_status":"cancelled","session_token":"<session_token>",\#
        "session_type":"enrollment","status":"cancelled","success":false,"target_samples":3,"user_agent":null,\#
        "user_id":"alice"},"auth_sessions_list 200":{"count":5,"next":null,"previous":null,"results":[{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_id":"FR_0123456789ABCDEF","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","client_user_info":{"display_name":"Alice Example",\#
        "external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,\#
        "profile_image_url":null},"completed_at":"2026-03-02T08:15:00Z","completed_samples":0,"created_at":\#
        "2026-03-02T08:15:00Z","enrollment_complete":false,"enrollment_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000008",\#
        "enrollment_progress":0.0,"enrollment_status":"cancelled","error":"The session was cancelled.",\#
        "expires_at":"2026-03-02T08:15:00Z","frame_source":"upload","frames_processed":0,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000009","ip_address":"127.0.0.1","liveness_score":null,"liveness_verified":\#
        false,"message":"The session was cancelled.","metadata":{},"quality_score":null,"reason":\#
        "session.cancelled","requires_more_frames":false,"session_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000009",\#
        "session_status":"cancelled","session_type":"enrollment","status":"cancelled","success":false,\#
        "target_samples":3,"user_agent":null,"user_id":"alice"},{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002",\#
        "client_id":"FR_0123456789ABCDEF","client_user":null,"client_user_info":null,"completed_at":\#
        "2026-03-02T08:15:00Z","completed_samples":0,"created_at":"2026-03-02T08:15:00Z","error":\#
        "The session was cancelled.","expires_at":"2026-03-02T08:15:00Z","frame_source":"upload",\#
        "frames_processed":0,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000007","ip_address":"127.0.0.1","liveness_score":\#
        null,"liveness_verified":false,"message":"The session was cancelled.","metadata":{},"quality_score":null,\#
        "reason":"session.cancelled","requires_more_frames":false,"result":"failure","session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000007","session_status":"cancelled","session_type":"identification",\#
        "status":"cancelled","success":false,"target_samples":3,"user_agent":null}]},\#
        "auth_sessions_result_retrieve 200":{"completed_samples":3,"enrollment_complete":true,"enrollment_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000005","enrollment_progress":100.0,"frames_processed":3,"liveness_score":\#
        null,"liveness_verified":false,"message":"Enrollment completed successfully.","quality_score":0.8324,\#
        "reason":"enrollment.completed","requires_more_frames":false,"session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000004","session_status":"completed","success":true,"target_samples":3,\#
        "user":{"display_name":"Alice Example","external_user_id":"alice","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"user_id":"alice"}},"auth_sessions_retrieve 200":\#
        {"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_id":"FR_0123456789ABCDEF","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","client_user_info":{"display_name":"Alice Example",\#
        "external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,\#
        "profile_image_url":null},"completed_at":"2026-03-02T08:15:00Z","completed_samples":3,"created_at":\#
        "2026-03-02T08:15:00Z","enrollment_complete":true,"enrollment_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000005",\#
        "enrollment_progress":100.0,"enrollment_status":"completed","expires_at":"2026-03-02T08:15:00Z",\#
        "frame_source":"upload","frames_processed":3,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004","ip_address":\#
        "127.0.0.1","liveness_score":null,"liveness_verified":false,"message":"Enrollment completed successfully.",\#
        "metadata":{},"quality_score":0.8324,"reason":"enrollment.completed","requires_more_frames":false,\#
        "session_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004","session_status":"completed","session_type":\#
        "enrollment","status":"completed","success":true,"target_samples":3,"user":{"display_name":"Alice Example",\#
        "external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"user_id":\#
        "alice"},"user_agent":null,"user_id":"alice"},"auth_sessions_status_retrieve 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_id":"FR_0123456789ABCDEF","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","client_user_info":{"display_name":"Alice Example",\#
        "external_user_id":"alice","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,\#
        "profile_image_url":null},"completed_at":"2026-03-02T08:15:00Z","completed_samples":3,"created_at":\#
        "2026-03-02T08:15:00Z","enrollment_complete":true,"enrollment_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000005",\#
        "enrollment_progress":100.0,"enrollment_status":"completed","expires_at":"2026-03-02T08:15:00Z",\#
        "frame_source":"upload","frames_processed":3,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004","ip_address":\#
        "127.0.0.1","liveness_score":null,"liveness_verified":false,"message":"Enrollment completed successfully.",\#
        "metadata":{},"quality_score":0.8324,"reason":"enrollment.completed","requires_more_frames":false,\#
        "session_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004","session_status":"completed","session_token":\#
        "<session_token>","session_type":"enrollment","status":"completed","success":true,"target_samples":3,\#
        "user":{"display_name":"Alice Example","external_user_id":"alice","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"user_id":"alice"},"user_agent":null,"user_id":\#
        "alice"}}
        """#
}
