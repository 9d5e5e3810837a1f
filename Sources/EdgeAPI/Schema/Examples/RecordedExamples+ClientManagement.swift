// Written by scripts/record-examples.
extension RecordedExamples {
    static let clientManagement = #"""
        {"clients_clients_create 201":{"allowed_domains":[],"api_key":"<api_key>","api_secret":"<api_secret>",\#
        "client_id":"FR_0123456789ABCDEF","contact_email":"ops@door.example","contact_name":"Ops","created_at":\#
        "2026-03-02T08:15:00Z","description":"","domain":"https://door.example","features":{"analytics":false,\#
        "anti_spoofing":false,"batch_processing":false,"enrollment":true,"liveness_detection":false,\#
        "max_embeddings_per_user":5,"max_users_per_client":1000,"recognition":true,"webhook_events":\#
        ["enrollment.completed","authentication.success"]},"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000020",\#
        "last_activity":null,"message":"Keep the secrets now: they cannot be shown again.","metadata":{},"name":\#
        "second door","rate_limit_per_day":8640000,"rate_limit_per_hour":360000,"scope":"integrator","secret_key":\#
        "<secret_key>","status":"active","tier":"basic","updated_at":"2026-03-02T08:15:00Z","webhook_secret":\#
        "<webhook_secret>","webhook_url":null},"clients_clients_list 200":{"count":1,"next":null,"previous":null,\#
        "results":[{"allowed_domains":[],"api_key":null,"client_id":"FR_0123456789ABCDEF","contact_email":null,\#
        "contact_name":null,"created_at":"2026-03-02T08:15:00Z","description":"","domain":null,"features":\#
        {"analytics":true,"anti_spoofing":true,"batch_processing":true,"enrollment":true,"liveness_detection":true,\#
        "max_embeddings_per_user":10,"max_users_per_client":100000,"recognition":true,"webhook_events":["*"]},"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","last_activity":"2026-03-02T08:15:00Z","metadata":{},"name":\#
        "recorder","rate_limit_per_day":8640000,"rate_limit_per_hour":360000,"scope":"admin","secret_key":null,\#
        "status":"active","tier":"enterprise","updated_at":"2026-03-02T08:15:00Z","webhook_url":null}]},\#
        "clients_clients_partial_update 200":{"allowed_domains":[],"api_key":null,"client_id":\#
        "FR_0123456789ABCDEF","contact_email":"ops@door.example","contact_name":"Ops","created_at":\#
        "2026-03-02T08:15:00Z","description":"The door at the back.","domain":"https://door.example","features":\#
        {"analytics":false,"anti_spoofing":false,"batch_processing":false,"enrollment":true,"liveness_detection":\#
        false,"max_embeddings_per_user":5,"max_users_per_client":1000,"recognition":true,"webhook_events":\#
        ["enrollment.completed","authentication.success"]},"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000020",\#
        "last_activity":null,"metadata":{},"name":"second door","rate_limit_per_day":8640000,"rate_limit_per_hour":\#
        360000,"scope":"integrator","secret_key":null,"status":"active","tier":"basic","updated_at":\#
        "2026-03-02T08:15:00Z","webhook_url":null},"clients_clients_reset_credentials_create 200":{"credentials":\#
        {"api_key":"<api_key>"},"message":"Credentials reset. Keep them now: they cannot be shown again."},\#
        "clients_clients_retrieve 200":{"allowed_domains":[],"api_key":null,"client_id":"FR_0123456789ABCDEF",\#
        "contact_email":null,"contact_name":null,"created_at":"2026-03-02T08:15:00Z","description":"","domain":\#
        null,"features":{"analytics":true,"anti_spoofing":true,"batch_processing":true,"enrollment":true,\#
        "liveness_detection":true,"max_embeddings_per_user":10,"max_users_per_client":100000,"recognition":true,\#
        "webhook_events":["*"]},"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","last_activity":"2026-03-02T08:15:00Z",\#
        "metadata":{},"name":"recorder","rate_limit_per_day":8640000,"rate_limit_per_hour":360000,"scope":"admin",\#
        "secret_key":null,"status":"active","tier":"enterprise","updated_at":"2026-03-02T08:15:00Z","webhook_url":\#
        null},"clients_clients_stats_retrieve 200":{"active_face_auth":1,"api_calls_last_24h":29,\#
        "api_calls_last_7d":29,"enrolled_users":1,"failed_authentications":0,"successful_authentications":2,\#
        "total_enrollments":1,"total_users":1,"webhook_success_rate":0.0},"clients_clients_update 200":\#
        {"allowed_domains":[],"api_key":null,"client_id":"FR_0123456789ABCDEF","contact_email":"ops@door.example",\#
        "contact_name":"Ops","created_at":"2026-03-02T08:15:00Z","description":"The door at the back.","domain":\#
        "https://door.example","features":{"analytics":false,"anti_spoofing":false,"batch_processing":false,\#
        "enrollment":true,"liveness_detection":false,"max_embeddings_per_user":5,"max_users_per_client":1000,\#
        "recognition":true,"webhook_events":["enrollment.completed","authentication.success"]},"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000020","last_activity":null,"metadata":{},"name":"second door",\#
        "rate_limit_per_day":8640000,"rate_limit_per_hour":360000,"scope":"integrator","secret_key":null,"status":\#
        "active","tier":"basic","updated_at":"2026-03-02T08:15:00Z","webhook_url":null},\#
        "clients_erasures_list 200":{"count":1,"next":null,"previous":null,"results":[{"audit_line":22,"cause":\#
        "request","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_user":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000013","completion":null,"destroyed":{"consents":0,"crops":0,\#
        "enrollments":0,\#
        "events":1,"pictures":0,"sessions":0,"templates":0},"erased_at":"2026-03-02T08:15:00Z","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000012","key_destroyed_at":null,"key_destruction_due":\#
        "2026-03-02T08:15:00Z","receipt":"edged erasure receipt\nversion: 1\nreceipt: 5f0c2a1e-7b3d-4c6a-9e8f-000000\#
        000012\ndevice: 0123456789abcdef0123456789abcdef\nepoch: 0123456789abcdef0123456789abcdef\nclient: 5f0c2a1e-\#
        7b3d-4c6a-9e8f-000000000002\nperson: 5f0c2a1e-7b3d-4c6a-9e8f-000000000013\ncause: request\nrequested_at: 202\#
        6-03-02T08:15:00Z\nerased_at: 2026-03-02T08:15:00Z\npeople: 1\ntemplates: 0\ncrops: 0\n\#
        pictures: 0\nenrollments: 0\nco\#
        nsents: 0\nsessions: 0\nevents: 1\naudit_line: 22\nkey_destruction_due: 2026-03-02T08:15:00Z\n\n\u2014 edged\#
        /0123456789abcdef0123456789abcdef/erasures <signature>\n","requested_at":"2026-03-02T08:15:00Z",\#
        "verifier_key":"edged/0123456789abcdef0123456789abcdef/erasures+<hash>+<public key>"}]},\#
        "clients_erasures_retrieve 200":{"audit_line":22,"cause":"request","client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000013","completion":\#
        null,"destroyed":{"consents":0,"crops":0,\#
        "enrollments":0,"events":1,"pictures":0,"sessions":0,"templates":0},\#
        "erased_at":"2026-03-02T08:15:00Z","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000012","key_destroyed_at":null,\#
        "key_destruction_due":"2026-03-02T08:15:00Z","receipt":\#
        "edged erasure receipt\nversion: 1\nreceipt: 5f0c2a1e-7b3d-4c6a-9e8f-000000000012\ndevice: 0123456789abcdef0\#
        123456789abcdef\nepoch: 0123456789abcdef0123456789abcdef\nclient: 5f0c2a1e-7b3d-4c6a-9e8f-000000000002\npers\#
        on: 5f0c2a1e-7b3d-4c6a-9e8f-000000000013\ncause: request\nrequested_at: 2026-03-02T08:15:00Z\nerased_at: 202\#
        6-03-02T08:15:00Z\npeople: 1\ntemplates: 0\ncrops: 0\n\#
        pictures: 0\nenrollments: 0\nconsents: 0\nsessions: 0\nevents: 1\#
        \naudit_line: 22\nkey_destruction_due: 2026-03-02T08:15:00Z\n\n\u2014 edged/0123456789abcdef0123456789abcdef\#
        /erasures <signature>\n","requested_at":"2026-03-02T08:15:00Z","verifier_key":\#
        "edged/0123456789abcdef0123456789abcdef/erasures+<hash>+<public key>"},"clients_usage_list 200":{"count":\#
        29,"next":"http://127.0.0.1:8080/api/clients/usage/?page=2","previous":null,"results":[{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","endpoint":"analytics","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000014","ip_address":"127.0.0.1","metadata":{"path":\#
        "/api/core/security/event/","query_params":{},"view_name":"core_security_event_create"},"method":"POST",\#
        "response_time_ms":2.729,"status_code":200,"user_agent":null},{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","endpoint":"recognition","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000015","ip_address":"127.0.0.1","metadata":{"path":"/api/core/auth/user/",\#
        "query_params":{},"view_name":"auth_user_create"},"method":"POST","response_time_ms":1.423,"status_code":\#
        200,"user_agent":null}]},"clients_usage_retrieve 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002",\#
        "created_at":"2026-03-02T08:15:00Z","endpoint":"analytics","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000014",\#
        "ip_address":"127.0.0.1","metadata":{"path":"/api/core/security/event/","query_params":{},"view_name":\#
        "core_security_event_create"},"method":"POST","response_time_ms":2.729,"status_code":200,"user_agent":\#
        null},"clients_users_activate_create 200":{"message":"User activated.","user":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":{"given_at":null,"given_by":null,"method":"paper",\#
        "recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":"2026-01"},"created_at":\#
        "2026-03-02T08:15:00Z","display_name":"Alice Example","enrollment_completed_at":"2026-03-02T08:15:00Z",\#
        "external_user_id":"alice","external_user_uuid":null,"face_auth_enabled":true,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z",\#
        "metadata":{},"old_profile_photo":null,"old_profile_photo_url":null,"profile":{"full_name":\#
        "Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":null,\#
        "updated_at":"2026-03-02T08:15:00Z","user_id":"alice"}},"clients_users_create 201":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":null,"created_at":"2026-03-02T08:15:00Z","display_name":\#
        "Alice Example","enrollment_completed_at":null,"external_user_id":"alice","external_user_uuid":null,\#
        "face_auth_enabled":true,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":false,\#
        "last_recognition_at":null,"metadata":{},"old_profile_photo":null,"old_profile_photo_url":null,"profile":\#
        {"full_name":"Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":\#
        null,"updated_at":"2026-03-02T08:15:00Z","user_id":"alice"},"clients_users_deactivate_create 200":\#
        {"message":"User deactivated.","user":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":\#
        {"given_at":null,"given_by":null,"method":"paper","recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,\#
        "text_version":"2026-01"},"created_at":"2026-03-02T08:15:00Z","display_name":"Alice Example",\#
        "enrollment_completed_at":"2026-03-02T08:15:00Z","external_user_id":"alice","external_user_uuid":null,\#
        "face_auth_enabled":false,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,\#
        "last_recognition_at":"2026-03-02T08:15:00Z","metadata":{},"old_profile_photo":null,\#
        "old_profile_photo_url":null,"profile":{"full_name":"Alice Example"},"profile_image":null,\#
        "profile_image_url":null,"similarity_with_old_photo":null,"updated_at":"2026-03-02T08:15:00Z","user_id":\#
        "alice"}},"clients_users_enrollments_retrieve 200":{"count":2,"enrollments":[{"created_at":\#
        "2026-03-02T08:15:00Z","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000008","quality_score":null,"status":\#
        "cancelled"},{"created_at":"2026-03-02T08:15:00Z","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000005",\#
        "quality_score":0.8324,"status":"active"}]},"clients_users_list 200":{"count":1,"next":null,"previous":\#
        null,"results":[{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":{"given_at":null,"given_by":\#
        null,"method":"paper","recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":"2026-01"},\#
        "created_at":"2026-03-02T08:15:00Z","display_name":"Alice Example","enrollment_completed_at":\#
        "2026-03-02T08:15:00Z","external_user_id":"alice","external_user_uuid":null,"face_auth_enabled":true,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z",\#
        "metadata":{"badge":"1742"},"old_profile_photo":null,"old_profile_photo_url":null,"profile":{"full_name":\#
        "Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":null,\#
        "updated_at":"2026-03-02T08:15:00Z","user_id":"alice"}]},"clients_users_partial_update 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":{"given_at":null,"given_by":null,"method":"paper",\#
        "recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":"2026-01"},"created_at":\#
        "2026-03-02T08:15:00Z","display_name":"Alice Example","enrollment_completed_at":"2026-03-02T08:15:00Z",\#
        "external_user_id":"alice","external_user_uuid":null,"face_auth_enabled":true,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z",\#
        "metadata":{"badge":"1742"},"old_profile_photo":null,"old_profile_photo_url":null,"profile":{"full_name":\#
        "Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":null,\#
        "updated_at":"2026-03-02T08:15:00Z","user_id":"alice"},"clients_users_preload_create 200":{"message":\#
        "The user has no old photo.","preload_started":false,"similarity_with_old_photo":null,"user_id":"alice"},\#
        "clients_users_retrieve 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":{"given_at":null,\#
        "given_by":null,"method":"paper","recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":\#
        "2026-01"},"created_at":"2026-03-02T08:15:00Z","display_name":"Alice Example","enrollment_completed_at":\#
        "2026-03-02T08:15:00Z","external_user_id":"alice","external_user_uuid":null,"face_auth_enabled":true,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z",\#
        "metadata":{"badge":"1742"},"old_profile_photo":null,"old_profile_photo_url":null,"profile":{"full_name":\#
        "Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":null,\#
        "updated_at":"2026-03-02T08:15:00Z","user_id":"alice"},"clients_users_update 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","consent":{"given_at":null,"given_by":null,"method":"paper",\#
        "recorded_at":"2026-03-02T08:15:00Z","text_sha256":null,"text_version":"2026-01"},"created_at":\#
        "2026-03-02T08:15:00Z","display_name":"Alice Example","enrollment_completed_at":"2026-03-02T08:15:00Z",\#
        "external_user_id":"alice","external_user_uuid":null,"face_auth_enabled":true,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","is_enrolled":true,"last_recognition_at":"2026-03-02T08:15:00Z",\#
        "metadata":{"badge":"1742"},"old_profile_photo":null,"old_profile_photo_url":null,"profile":{"full_name":\#
        "Alice Example"},"profile_image":null,"profile_image_url":null,"similarity_with_old_photo":null,\#
        "updated_at":"2026-03-02T08:15:00Z","user_id":"alice"},"core_info_retrieve 200":{"allowed_domains":[],\#
        "analytics":{"active_face_auth":1,"active_sessions":0,"auth_failed":0,"auth_success":2,"enrolled_users":1,\#
        "total_enrollments":1,"total_users":1},"client":{"client_id":"FR_0123456789ABCDEF","contact":{"email":null,\#
        "name":null},"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","last_activity":"2026-03-02T08:15:00Z","name":\#
        "recorder","scope":"admin","status":"active","tier":"enterprise"},"features":{"analytics":true,\#
        "anti_spoofing":true,"batch_processing":true,"enrollment":true,"liveness_detection":true,\#
        "max_embeddings_per_user":10,"max_users_per_client":100000,"recognition":true,"webhook_events":["*"]},\#
        "rate_limits":{"per_day":8640000,"per_hour":360000},"timestamps":{"created_at":"2026-03-02T08:15:00Z",\#
        "updated_at":"2026-03-02T08:15:00Z"},"usage":{"last_7_days":29,"recent":[{"created_at":\#
        "2026-03-02T08:15:00Z","endpoint":"analytics","method":"POST","response_time_ms":2.729,"status_code":200},\#
        {"created_at":"2026-03-02T08:15:00Z","endpoint":"recognition","method":"POST","response_time_ms":1.423,\#
        "status_code":200}],"today":29},"webhook":{"events":["*"],"recent_failures":[{"attempt_count":0,\#
        "created_at":"2026-03-02T08:15:00Z","event_type":"user.created","response_status_code":null,"status":\#
        "abandoned"}],"secret_configured":true,"summary":{"failed":1,"retrying":18,"success":0,"total":19},"url":\#
        null}},"core_info_retrieve_2 200":{"allowed_domains":[],"analytics":{"active_face_auth":1,\#
        "active_sessions":0,"auth_failed":0,"auth_success":2,"enrolled_users":1,"total_enrollments":1,\#
        "total_users":1},"client":{"client_id":"FR_0123456789ABCDEF","contact":{"email":null,"name":null},"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","last_activity":"2026-03-02T08:15:00Z","name":"recorder","scope":\#
        "admin","status":"active","tier":"enterprise"},"features":{"analytics":true,"anti_spoofing":true,\#
        "batch_processing":true,"enrollment":true,"liveness_detection":true,"max_embeddings_per_user":10,\#
        "max_users_per_client":100000,"recognition":true,"webhook_events":["*"]},"rate_limits":{"per_day":8640000,\#
        "per_hour":360000},"timestamps":{"created_at":"2026-03-02T08:15:00Z","updated_at":"2026-03-02T08:15:00Z"},\#
        "usage":{"last_7_days":29,"recent":[{"created_at":"2026-03-02T08:15:00Z","endpoint":"analytics","method":\#
        "POST","response_time_ms":2.729,"status_code":200},{"created_at":"2026-03-02T08:15:00Z","endpoint":\#
        "recognition","method":"POST","response_time_ms":1.423,"status_code":200}],"today":29},"webhook":{"events":\#
        ["*"],"recent_failures":[{"attempt_count":0,"created_at":"2026-03-02T08:15:00Z","event_type":\#
        "user.created","response_status_code":null,"status":"abandoned"}],"secret_configured":true,"summary":\#
        {"failed":1,"retrying":18,"success":0,"total":19},"url":null}}}
        """#
}
