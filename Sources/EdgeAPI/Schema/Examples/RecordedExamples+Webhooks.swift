// Written by scripts/record-examples.
extension RecordedExamples {
    static let webhooks = #"""
        {"clients_webhook_logs_failed_list 200":[{"attempt_count":0,"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","delivered_at":null,\#
        "error_message":"The person whom the event is about was removed.","event_type":"user.created","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000018","max_attempts":10,"next_retry_at":null,"payload":null,\#
        "response_body":"","response_status_code":null,"status":"failed"}],"clients_webhook_logs_list 200":\#
        {"count":19,"next":null,"previous":null,"results":[{"attempt_count":0,"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","delivered_at":null,\#
        "error_message":"","event_type":"test.user.enrolled","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000b",\#
        "max_attempts":6,"next_retry_at":"2026-03-02T08:15:00Z","payload":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"response_body":"","response_status_code":null,\#
        "status":"pending"},{"attempt_count":0,"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":\#
        "2026-03-02T08:15:00Z","delivered_at":null,"error_message":"","event_type":"user.deleted","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000017","max_attempts":10,"next_retry_at":"2026-03-02T08:15:00Z","payload":\#
        {"client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000013"},"response_body":"","response_status_code":null,\#
        "status":"pending"}]},"clients_webhook_logs_retrieve 200":{"attempt_count":0,"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","delivered_at":null,\#
        "error_message":"","event_type":"test.user.enrolled","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000b",\#
        "max_attempts":6,"next_retry_at":"2026-03-02T08:15:00Z","payload":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"response_body":"","response_status_code":null,\#
        "status":"pending"},"webhooks_clear_logs_destroy 200":{"deleted_deliveries":0,"deleted_event_logs":0,\#
        "message":"Events older than 90 days removed."},"webhooks_deliveries_failed_list 200":[{"attempt_number":0,\#
        "attempts":[],"completed_at":"2026-03-02T08:15:00Z","created_at":"2026-03-02T08:15:00Z","delivered_at":\#
        null,"endpoint":"5f0c2a1e-7b3d-4c6a-9e8f-000000000001","endpoint_url":"https://hooks.example/faces",\#
        "error_code":"PERSON_REMOVED","error_message":"The person whom the event is about was removed.","event":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001d","event_data":null,"event_name":"user.created","headers":\#
        {"Content-Type":"application/json","X-FR-Event":"user.created","webhook-id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001d"},"http_method":"POST","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000018",\#
        "max_attempts":10,"next_retry_at":null,"response_body":"","response_headers":{},"response_status_code":\#
        null,"response_time_ms":null,"status":"abandoned"}],"webhooks_deliveries_list 200":{"count":19,"next":null,\#
        "previous":null,"results":[{"attempt_number":0,"attempts":[],"completed_at":null,"created_at":\#
        "2026-03-02T08:15:00Z","delivered_at":null,"endpoint":"5f0c2a1e-7b3d-4c6a-9e8f-000000000001",\#
        "endpoint_url":"https://hooks.example/faces","error_code":"","error_message":"","event":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001b","event_data":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"event_name":"test.user.enrolled","headers":\#
        {"Content-Type":"application/json","X-FR-Event":"test.user.enrolled","webhook-id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001b"},"http_method":"POST","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000b",\#
        "max_attempts":6,"next_retry_at":"2026-03-02T08:15:00Z","response_body":"","response_headers":{},\#
        "response_status_code":null,"response_time_ms":null,"status":"pending"},{"attempt_number":0,"attempts":[],\#
        "completed_at":null,"created_at":"2026-03-02T08:15:00Z","delivered_at":null,"endpoint":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000001","endpoint_url":"https://hooks.example/faces","error_code":"",\#
        "error_message":"","event":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001c","event_data":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000013"},"event_name":"user.deleted","headers":{"Content-Type":\#
        "application/json","X-FR-Event":"user.deleted","webhook-id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001c"},\#
        "http_method":"POST","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000017","max_attempts":10,"next_retry_at":\#
        "2026-03-02T08:15:00Z","response_body":"","response_headers":{},"response_status_code":null,\#
        "response_time_ms":null,"status":"pending"}]},"webhooks_deliveries_retrieve 200":{"attempt_number":0,\#
        "attempts":[],"completed_at":null,"created_at":"2026-03-02T08:15:00Z","delivered_at":null,"endpoint":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000001","endpoint_url":"https://hooks.example/faces","error_code":"",\#
        "error_message":"","event":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001b","event_data":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"event_name":"test.user.enrolled","headers":\#
        {"Content-Type":"application/json","X-FR-Event":"test.user.enrolled","webhook-id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001b"},"http_method":"POST","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000b",\#
        "max_attempts":6,"next_retry_at":"2026-03-02T08:15:00Z","response_body":"","response_headers":{},\#
        "response_status_code":null,"response_time_ms":null,"status":"pending"},"webhooks_endpoints_create 201":\#
        {"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","failed_deliveries":0,\#
        "id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000001","last_delivery_at":null,"max_retries":9,"metadata":{},"name":\#
        "backend","retry_delay_seconds":0,"secret_token":"<secret_token>","status":"active","subscribed_events":[],\#
        "successful_deliveries":0,"total_deliveries":0,"updated_at":"2026-03-02T08:15:00Z","url":\#
        "https://hooks.example/faces"},"webhooks_endpoints_list 200":{"count":1,"next":null,"previous":null,\#
        "results":[{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z",\#
        "failed_deliveries":1,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000001","last_delivery_at":null,"max_retries":5,\#
        "metadata":{},"name":"backend","retry_delay_seconds":0,"status":"active","subscribed_events":[],\#
        "successful_deliveries":0,"total_deliveries":19,"updated_at":"2026-03-02T08:15:00Z","url":\#
        "https://hooks.example/faces"}]},"webhooks_endpoints_partial_update 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","failed_deliveries":1,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000001","last_delivery_at":null,"max_retries":5,"metadata":{},"name":\#
        "backend","retry_delay_seconds":0,"status":"active","subscribed_events":[],"successful_deliveries":0,\#
        "total_deliveries":18,"updated_at":"2026-03-02T08:15:00Z","url":"https://hooks.example/faces"},\#
        "webhooks_endpoints_regenerate_secret_create 200":{"message":\#
        "Secret regenerated. The one before it signs along for a day.","secret_token":"<secret_token>"},\#
        "webhooks_endpoints_retrieve 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":\#
        "2026-03-02T08:15:00Z","failed_deliveries":1,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000001",\#
        "last_delivery_at":null,"max_retries":5,"metadata":{},"name":"backend","retry_delay_seconds":0,"status":\#
        "active","subscribed_events":[],"successful_deliveries":0,"total_deliveries":19,"updated_at":\#
        "2026-03-02T08:15:00Z","url":"https://hooks.example/faces"},"webhooks_endpoints_stats_retrieve 200":\#
        {"avg_delivery_time_ms":null,"failed_deliveries":1,"pending_deliveries":18,"recent_failures":\#
        [{"created_at":"2026-03-02T08:15:00Z","endpoint__url":"https://hooks.example/faces","error_message":\#
        "The person whom the event is about was removed.","event_name":"user.created","response_status_code":\#
        null}],"success_rate":0.0,"successful_deliveries":0,"total_deliveries":19},\#
        "webhooks_endpoints_test_create 200":{"delivery_id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000b",\#
        "delivery_status":"pending","endpoint":"https://hooks.example/faces","event":"test.user.enrolled",\#
        "message":"Test event queued."},"webhooks_endpoints_update 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","failed_deliveries":1,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000001","last_delivery_at":null,"max_retries":5,"metadata":{},"name":\#
        "backend","retry_delay_seconds":0,"status":"active","subscribed_events":[],"successful_deliveries":0,\#
        "total_deliveries":18,"updated_at":"2026-03-02T08:15:00Z","url":"https://hooks.example/faces"},\#
        "webhooks_event_logs_list 200":{"count":19,"next":null,"previous":null,"results":[{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","event_data":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"event_name":"test.user.enrolled",\#
        "event_source":"test","failed_deliveries":0,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001b","metadata":\#
        {"forgotten":false},"success_rate":0.0,"successful_deliveries":0,"total_endpoints":1},{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","event_data":{"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000013"},"event_name":"user.deleted","event_source":"user",\#
        "failed_deliveries":0,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001c","metadata":{"forgotten":false},\#
        "success_rate":0.0,"successful_deliveries":0,"total_endpoints":1}]},"webhooks_event_logs_retrieve 200":\#
        {"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","created_at":"2026-03-02T08:15:00Z","event_data":\#
        {"client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000016","user_id":"example"},"event_name":\#
        "test.user.enrolled","event_source":"test","failed_deliveries":0,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000001b","metadata":{"forgotten":false},"success_rate":0.0,\#
        "successful_deliveries":0,"total_endpoints":1},"webhooks_events_list 200":{"count":18,"next":null,\#
        "previous":null,"results":[{"aliases":["recognition.failed","user.authentication.failed"],"created_at":\#
        "2026-03-02T08:15:00Z","description":"An authentication was decided: not this person, or nobody known.",\#
        "event_name":"authentication.failed","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001e","is_active":true,\#
        "payload_schema":{"properties":{"authentication_data":{"properties":{"anti_spoofing_score":{"type":\#
        ["number","null"]},"liveness_score":{"type":["number","null"]},"liveness_verified":{"type":"boolean"},\#
        "quality_score":{"type":["number","null"]},"similarity_score":{"type":["number","null"]}},"required":\#
        ["similarity_score","quality_score"],"type":"object"},"error":{"type":"string"},"failure_reason":{"type":\#
        ["string","null"]},"session_data":{"properties":{"completed_at":{"format":"date-time","type":["string",\#
        "null"]},"frames_processed":{"type":"integer"},"liveness_blinks":{"type":["integer","null"]},\#
        "liveness_motion_events":{"type":["integer","null"]},"session_type":{"type":"string"},"started_at":\#
        {"format":"date-time","type":"string"}},"required":["session_type","started_at"],"type":"object"},\#
        "session_id":{"format":"uuid","type":"string"},"session_token":{"type":["string","null"]},"user_id":\#
        {"type":["string","null"]}},"required":["session_id","session_token"],"type":"object"},"updated_at":\#
        "2026-03-02T08:15:00Z"},{"aliases":["recognition.success","user.authentication.success"],"created_at":\#
        "2026-03-02T08:15:00Z","description":"A person was verified or identified.","event_name":\#
        "authentication.success","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001f","is_active":true,"payload_schema":\#
        {"properties":{"authentication_data":{"properties":{"anti_spoofing_score":{"type":["number","null"]},\#
        "authentication_level":{"type":"string"},"confidence":{"type":["number","null"]},"liveness_score":{"type":\#
        ["number","null"]},"liveness_verified":{"type":"boolean"},"quality_score":{"type":["number","null"]},\#
        "similarity_score":{"type":["number","null"]}},"required":["similarity_score","quality_score"],"type":\#
        "object"},"client_user_id":{"format":"uuid","type":"string"},"session_data":{"properties":{"completed_at":\#
        {"format":"date-time","type":["string","null"]},"frames_processed":{"type":"integer"},"liveness_blinks":\#
        {"type":["integer","null"]},"liveness_motion_events":{"type":["integer","null"]},"session_type":{"type":\#
        "string"},"started_at":{"format":"date-time","type":"string"}},"required":["session_type","started_at"],\#
        "type":"object"},"session_id":{"format":"uuid","type":"string"},"session_token":{"type":["string","null"]},\#
        "user_data":{"properties":{"external_user_id":{"type":"string"},"is_enrolled":{"type":"boolean"},\#
        "profile_image_url":{"type":["string","null"]}},"required":["external_user_id","is_enrolled"],"type":\#
        "object"},"user_id":{"type":"string"}},"required":["user_id","client_user_id"],"type":"object"},\#
        "updated_at":"2026-03-02T08:15:00Z"}]},"webhooks_events_retrieve 200":{"aliases":["recognition.failed",\#
        "user.authentication.failed"],"created_at":"2026-03-02T08:15:00Z","description":\#
        "An authentication was decided: not this person, or nobody known.","event_name":"authentication.failed",\#
        "id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001e","is_active":true,"payload_schema":{"properties":\#
        {"authentication_data":{"properties":{"anti_spoofing_score":{"type":["number","null"]},"liveness_score":\#
        {"type":["number","null"]},"liveness_verified":{"type":"boolean"},"quality_score":{"type":["number",\#
        "null"]},"similarity_score":{"type":["number","null"]}},"required":["similarity_score","quality_score"],\#
        "type":"object"},"error":{"type":"string"},"failure_reason":{"type":["string","null"]},"session_data":\#
        {"properties":{"completed_at":{"format":"date-time","type":["string","null"]},"frames_processed":{"type":\#
        "integer"},"liveness_blinks":{"type":["integer","null"]},"liveness_motion_events":{"type":["integer",\#
        "null"]},"session_type":{"type":"string"},"started_at":{"format":"date-time","type":"string"}},"required":\#
        ["session_type","started_at"],"type":"object"},"session_id":{"format":"uuid","type":"string"},\#
        "session_token":{"type":["string","null"]},"user_id":{"type":["string","null"]}},"required":["session_id",\#
        "session_token"],"type":"object"},"updated_at":"2026-03-02T08:15:00Z"},"webhooks_retry_failed_create 200":\#
        {"message":"0 deliveries queued for retry.","retry_count":0},"webhooks_stats_retrieve 200":\#
        {"avg_delivery_time":null,"events_by_type":{"authentication.success":2,"enrollment.completed":1,\#
        "session.cancelled":2,"session.created":5,"test.user.enrolled":1,"user.activated":1,"user.created":2,\#
        "user.deactivated":1,"user.deleted":1,"user.enrolled":1,"user.updated":2},"failed_deliveries":1,\#
        "pending_deliveries":18,"recent_failures":[{"created_at":"2026-03-02T08:15:00Z","endpoint__url":\#
        "https://hooks.example/faces","error_message":"The person whom the event is about was removed.",\#
        "event_name":"user.created","response_status_code":null}],"success_rate":0.0,"successful_deliveries":0,\#
        "total_deliveries":19,"total_events":19}}
        """#
}
