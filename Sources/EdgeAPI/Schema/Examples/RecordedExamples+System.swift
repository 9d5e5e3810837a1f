// Written by scripts/record-examples.
extension RecordedExamples {
    static let system = #"""
        {"api_analytics_root_retrieve 200":{"api/daily":"http://127.0.0.1:8080/api/analytics/api/daily/",\#
        "api/overview":"http://127.0.0.1:8080/api/analytics/api/overview/","api/summary":\#
        "http://127.0.0.1:8080/api/analytics/api/summary/","auth-logs":\#
        "http://127.0.0.1:8080/api/analytics/auth-logs/","dashboard":\#
        "http://127.0.0.1:8080/api/analytics/dashboard/","data-quality":\#
        "http://127.0.0.1:8080/api/analytics/data-quality/","face-recognition-stats":\#
        "http://127.0.0.1:8080/api/analytics/face-recognition-stats/","model-performance":\#
        "http://127.0.0.1:8080/api/analytics/model-performance/","monitoring/overview":\#
        "http://127.0.0.1:8080/api/analytics/monitoring/overview/","security-alerts":\#
        "http://127.0.0.1:8080/api/analytics/security-alerts/","statistics":\#
        "http://127.0.0.1:8080/api/analytics/statistics/","system-metrics":\#
        "http://127.0.0.1:8080/api/analytics/system-metrics/","user-behavior":\#
        "http://127.0.0.1:8080/api/analytics/user-behavior/"},"api_auth_root_retrieve 200":{"authentication":\#
        "http://127.0.0.1:8080/api/auth/authentication/","enrollment":"http://127.0.0.1:8080/api/auth/enrollment/",\#
        "enrollments":"http://127.0.0.1:8080/api/auth/enrollments/","process-image":\#
        "http://127.0.0.1:8080/api/auth/process-image/","sessions":"http://127.0.0.1:8080/api/auth/sessions/"},\#
        "api_clients_root_retrieve 200":{"clients":"http://127.0.0.1:8080/api/clients/clients/","erasures":\#
        "http://127.0.0.1:8080/api/clients/erasures/","usage":"http://127.0.0.1:8080/api/clients/usage/","users":\#
        "http://127.0.0.1:8080/api/clients/users/","webhook-logs":\#
        "http://127.0.0.1:8080/api/clients/webhook-logs/","webhook-logs/failed":\#
        "http://127.0.0.1:8080/api/clients/webhook-logs/failed/"},"api_core_root_retrieve 200":{"audit-logs":\#
        "http://127.0.0.1:8080/api/core/audit-logs/","auth/client":"http://127.0.0.1:8080/api/core/auth/client/",\#
        "auth/refresh":"http://127.0.0.1:8080/api/core/auth/refresh/","auth/revoke":\#
        "http://127.0.0.1:8080/api/core/auth/revoke/","auth/user":"http://127.0.0.1:8080/api/core/auth/user/",\#
        "auth/verify":"http://127.0.0.1:8080/api/core/auth/verify/","config":\#
        "http://127.0.0.1:8080/api/core/config/","health":"http://127.0.0.1:8080/api/core/health/","info":\#
        "http://127.0.0.1:8080/api/core/info/","security-events":"http://127.0.0.1:8080/api/core/security-events/",\#
        "security/event":"http://127.0.0.1:8080/api/core/security/event/","status":\#
        "http://127.0.0.1:8080/api/core/status/"},"api_root_retrieve 200":{"analytics":\#
        "http://127.0.0.1:8080/api/analytics/","auth":"http://127.0.0.1:8080/api/auth/","clients":\#
        "http://127.0.0.1:8080/api/clients/","core":"http://127.0.0.1:8080/api/core/","webhooks":\#
        "http://127.0.0.1:8080/api/webhooks/"},"api_webhooks_root_retrieve 200":{"clear-logs":\#
        "http://127.0.0.1:8080/api/webhooks/clear-logs/","deliveries":\#
        "http://127.0.0.1:8080/api/webhooks/deliveries/","deliveries/failed":\#
        "http://127.0.0.1:8080/api/webhooks/deliveries/failed/","endpoints":\#
        "http://127.0.0.1:8080/api/webhooks/endpoints/","event-logs":\#
        "http://127.0.0.1:8080/api/webhooks/event-logs/","events":"http://127.0.0.1:8080/api/webhooks/events/",\#
        "retry-failed":"http://127.0.0.1:8080/api/webhooks/retry-failed/","stats":\#
        "http://127.0.0.1:8080/api/webhooks/stats/"},"core_audit_logs_list 200":{"count":27,"next":\#
        "http://127.0.0.1:8080/api/core/audit-logs/?page=2","previous":null,"results":[{"action":\#
        "webhook.logs.cleared","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder",\#
        "client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF",\#
        "deliveries":0,"events":0},"error_message":null,"id":"00000000-0000-8000-8000-00000000001b","ip_address":\#
        "127.0.0.1","resource_id":null,"resource_type":"webhook","success":true,"user_agent":null},{"action":\#
        "webhook.deliveries.retried","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder",\#
        "client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF","count":0},\#
        "error_message":null,"id":"00000000-0000-8000-8000-00000000001a","ip_address":"127.0.0.1","resource_id":\#
        null,"resource_type":"webhook","success":true,"user_agent":null}]},"core_audit_logs_list_2 200":{"count":\#
        27,"next":"http://127.0.0.1:8080/api/audit-logs/?page=2","previous":null,"results":[{"action":\#
        "webhook.logs.cleared","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder",\#
        "client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF",\#
        "deliveries":0,"events":0},"error_message":null,"id":"00000000-0000-8000-8000-00000000001b","ip_address":\#
        "127.0.0.1","resource_id":null,"resource_type":"webhook","success":true,"user_agent":null},{"action":\#
        "webhook.deliveries.retried","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder",\#
        "client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF","count":0},\#
        "error_message":null,"id":"00000000-0000-8000-8000-00000000001a","ip_address":"127.0.0.1","resource_id":\#
        null,"resource_type":"webhook","success":true,"user_agent":null}]},"core_audit_logs_retrieve 200":\#
        {"action":"webhook.logs.cleared","client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder",\#
        "client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF",\#
        "deliveries":0,"events":0},"error_message":null,"id":"00000000-0000-8000-8000-00000000001b","ip_address":\#
        "127.0.0.1","resource_id":null,"resource_type":"webhook","success":true,"user_agent":null},\#
        "core_audit_logs_retrieve_2 200":{"action":"webhook.logs.cleared","client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder","client_user":null,"created_at":\#
        "2026-03-02T08:15:00Z","details":{"actor":"FR_0123456789ABCDEF","deliveries":0,"events":0},"error_message":\#
        null,"id":"00000000-0000-8000-8000-00000000001b","ip_address":"127.0.0.1","resource_id":null,\#
        "resource_type":"webhook","success":true,"user_agent":null},"core_config_list 200":{"count":36,"next":\#
        "http://127.0.0.1:8080/api/core/config/?page=2","previous":null,"results":[{"created_at":\#
        "2026-03-02T08:15:00Z","description":"Where this machine is answered.","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000019","is_active":true,"is_encrypted":false,"key":"http.listen",\#
        "updated_at":"2026-03-02T08:15:00Z","value":"127.0.0.1:8080"},{"created_at":"2026-03-02T08:15:00Z",\#
        "description":"The command line's way to the daemon.","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001a",\#
        "is_active":true,"is_encrypted":false,"key":"http.control_socket","updated_at":"2026-03-02T08:15:00Z",\#
        "value":"/var/lib/edged/store/edged.sock"}]},"core_config_list_2 200":{"count":36,"next":\#
        "http://127.0.0.1:8080/api/config/?page=2","previous":null,"results":[{"created_at":"2026-03-02T08:15:00Z",\#
        "description":"Where this machine is answered.","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000019","is_active":\#
        true,"is_encrypted":false,"key":"http.listen","updated_at":"2026-03-02T08:15:00Z","value":\#
        "127.0.0.1:8080"},{"created_at":"2026-03-02T08:15:00Z","description":\#
        "The command line's way to the daemon.","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000001a","is_active":true,\#
        "is_encrypted":false,"key":"http.control_socket","updated_at":"2026-03-02T08:15:00Z","value":\#
        "/var/lib/edged/store/edged.sock"}]},"core_config_retrieve 200":{"created_at":"2026-03-02T08:15:00Z",\#
        "description":"Where this machine is answered.","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000019","is_active":\#
        true,"is_encrypted":false,"key":"http.listen","updated_at":"2026-03-02T08:15:00Z","value":\#
        "127.0.0.1:8080"},"core_config_retrieve_2 200":{"created_at":"2026-03-02T08:15:00Z","description":\#
        "Where this machine is answered.","id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000019","is_active":true,\#
        "is_encrypted":false,"key":"http.listen","updated_at":"2026-03-02T08:15:00Z","value":"127.0.0.1:8080"},\#
        "core_health_retrieve 200":{"service":"face-auth-api","status":"healthy","timestamp":\#
        "2026-03-02T08:15:00Z"},"core_health_retrieve_2 200":{"service":"face-auth-api","status":"healthy",\#
        "timestamp":"2026-03-02T08:15:00Z"},"core_health_retrieve_3 200":{"service":"face-auth-api","status":\#
        "healthy","timestamp":"2026-03-02T08:15:00Z"},"core_security_event_create 200":{"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","message":"Security event logged","success":true},\#
        "core_security_events_list 200":{"count":1,"next":null,"previous":null,"results":[{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder","client_user":null,"created_at":\#
        "2026-03-02T08:15:00Z","details":{"door":"back"},"event_type":"unusual_activity","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolved":false,"resolved_at":null,\#
        "resolved_by_client":null,"resolved_by_client_user":null,"session":null,"severity":"medium","user_agent":\#
        null}]},"core_security_events_list_2 200":{"count":1,"next":null,"previous":null,"results":[{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder","client_user":null,"created_at":\#
        "2026-03-02T08:15:00Z","details":{"door":"back"},"event_type":"unusual_activity","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolved":false,"resolved_at":null,\#
        "resolved_by_client":null,"resolved_by_client_user":null,"session":null,"severity":"medium","user_agent":\#
        null}]},"core_security_events_retrieve 200":{"client":"5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":\#
        "recorder","client_user":null,"created_at":"2026-03-02T08:15:00Z","details":{"door":"back"},"event_type":\#
        "unusual_activity","id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolved":false,\#
        "resolved_at":null,"resolved_by_client":null,"resolved_by_client_user":null,"session":null,"severity":\#
        "medium","user_agent":null},"core_security_events_retrieve_2 200":{"client":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000002","client_name":"recorder","client_user":null,"created_at":\#
        "2026-03-02T08:15:00Z","details":{"door":"back"},"event_type":"unusual_activity","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolved":false,"resolved_at":null,\#
        "resolved_by_client":null,"resolved_by_client_user":null,"session":null,"severity":"medium","user_agent":\#
        null},"core_status_retrieve 200":{"active_sessions":0,"celery_status":"not_used","database_status":\#
        "healthy","face_processing_status":"warning","redis_status":"not_used","status":"degraded","timestamp":\#
        "2026-03-02T08:15:00Z","total_authentications":2,"total_clients":1,"total_enrollments":1,"uptime":\#
        "0:00:03","uptime_seconds":3,"version":"0.1.0"},"core_status_retrieve_2 200":{"active_sessions":0,\#
        "celery_status":"not_used","database_status":"healthy","face_processing_status":"warning","redis_status":\#
        "not_used","status":"degraded","timestamp":"2026-03-02T08:15:00Z","total_authentications":2,\#
        "total_clients":1,"total_enrollments":1,"uptime":"0:00:03","uptime_seconds":3,"version":"0.1.0"},\#
        "healthz_retrieve 200":{"status":"ok"},"readyz_retrieve 200":{"ready":true,"reasons":[],"status":"ready"},\#
        "status_retrieve 200":{"address":"http://127.0.0.1:8080","addresses":["http://127.0.0.1:8080"],"cameras":\#
        [{"broken":0,"device":"/usr/share/edged/.testdata/webcam-man","dropped":0,"format":"jpeg","frames":98,\#
        "frames_per_second":30,"frozen":0,"height":360,"is_covered":false,"is_streaming":true,"kind":"replay",\#
        "name":"front-door","pace":"full","recoveries":0,"width":640}],"conditions":[{"code":"liveness.off","remedy":"Set liveness.policy to passive\#
        , active or strict.","severity":"warning","since":"2026-03-02T08:15:00Z","title":\#
        "LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY."},{"code":"vault.key.file",\#
        "remedy":"Pass the key file as a credential of the unit (see the runbook)\#
        , or keep the device locked away.","severity":"info","since":"2026-03-02T08:15:00Z","title":\#
        "The sealing key is a file beside the store: who has the disk has the key."}],"key_source":"file",\#
        "liveness_policy":"off","models":[{"id":"yunet","is_loaded":true,"version":"2023mar"},{"id":"sface",\#
        "is_loaded":true,"version":"2021dec"}],"notice":\#
        "LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY.","open_sessions":0,"people":1,\#
        "role":"device","started_at":"2026-03-02T08:15:00Z","status":"degraded","uptime_seconds":3,"version":"0.1.0"}}
        """#
}
