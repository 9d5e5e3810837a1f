// Written by scripts/record-examples.
extension RecordedExamples {
    static let authentication = #"""
        {"auth_client_create 200":{"access":"<access>","access_token":"<access_token>","client_id":\#
        "FR_0123456789ABCDEF","client_name":"recorder","expires_at":"2026-03-02T08:15:00Z","features":{"analytics":\#
        true,"anti_spoofing":true,"batch_processing":true,"enrollment":true,"liveness_detection":true,\#
        "max_embeddings_per_user":10,"max_users_per_client":100000,"recognition":true,"webhook_events":["*"]},\#
        "rate_limits":{"per_day":8640000,"per_hour":360000},"refresh":"<refresh>","refresh_expires_at":\#
        "2026-03-02T08:15:00Z","refresh_token":"<refresh_token>","scope":"admin","tier":"enterprise","token_type":\#
        "JWT"},"auth_refresh_create 200":{"access":"<access>","access_token":"<access_token>","client_id":\#
        "FR_0123456789ABCDEF","client_name":"recorder","expires_at":"2026-03-02T08:15:00Z","features":{"analytics":\#
        true,"anti_spoofing":true,"batch_processing":true,"enrollment":true,"liveness_detection":true,\#
        "max_embeddings_per_user":10,"max_users_per_client":100000,"recognition":true,"webhook_events":["*"]},\#
        "rate_limits":{"per_day":8640000,"per_hour":360000},"refresh":"<refresh>","refresh_expires_at":\#
        "2026-03-02T08:15:00Z","refresh_token":"<refresh_token>","scope":"admin","tier":"enterprise","token_type":\#
        "JWT"},"auth_user_create 200":{"client_id":"FR_0123456789ABCDEF","display_name":"Alice Example",\#
        "face_auth_enabled":true,"is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z","metadata":{},\#
        "profile":{"full_name":"Alice Example"},"success":true,"user_id":"alice"},"auth_verify_create 200":\#
        {"active":true,"client_id":"FR_0123456789ABCDEF","expires_at":"2026-03-02T08:15:00Z","scope":"admin",\#
        "token_type":"access"}}
        """#
}
